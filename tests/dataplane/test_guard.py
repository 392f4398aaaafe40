"""Settings on trial: kept if confirmed, and taken back at their time whoever is killed."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from floodwall.kernel.dataplane import DataPlane
from floodwall.store.pending import PendingFile
from tests.support.household import Daemon, Household, eventually

pytestmark = [pytest.mark.root, pytest.mark.live, pytest.mark.timeout(120)]

TRIAL_S = 6.0
UNHURRIED_S = 20.0  # for what is said before its end, on a machine with much to do
BEFORE, ON_TRIAL = "[arming]\nhold_s = 7\n", "[arming]\nhold_s = 11\n"


def hold_s(home: Household) -> float | None:
    """Return what the data plane has for the service; None if there is none."""

    def read() -> float | None:
        directory = home.state_directory()
        if directory is None or not directory.pinned("abi_"):
            return None
        with DataPlane.from_pins(directory) as tables:
            return tables.limits(0).hold_ns / 1e9

    return home.inside(home.server, read)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """The daemon's settings file, and another one."""
    own, other = tmp_path / "floodwall.toml", tmp_path / "new.toml"
    own.write_text(BEFORE)
    other.write_text(ON_TRIAL)
    return own, other


def guards(home: Household) -> list[int]:
    """Return the guards that run in the server's namespace."""
    there = (Path("/run/netns") / home.server).stat().st_ino
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "ns/net").stat().st_ino != there:
                continue
            if b"floodwall.app.guard" in (process / "cmdline").read_bytes():
                found.append(int(process.name))
        except OSError:
            continue
    return found


@contextmanager
def no_guard_left(home: Household) -> Iterator[None]:
    """End what guards there are when the block is left, by their numbers."""
    try:
        yield
    finally:
        for pid in guards(home):
            os.kill(pid, signal.SIGKILL)


def trial(home: Household, other: Path, seconds: float = TRIAL_S) -> float:
    """Begin a trial; return its deadline on the monotonic clock, in seconds."""
    answer = home.floodwall("apply", str(other), "--confirm", f"{seconds}s", "--json")
    assert answer.returncode == 0, answer.stderr
    assert hold_s(home) == 11
    directory = home.state_directory()
    assert directory
    pending = PendingFile(directory.run).read()
    assert pending
    return pending.deadline_ns / 1e9


def test_a_confirmed_trial_stays(home: Household, files: tuple[Path, Path]) -> None:
    """And is what a restart reads; the guard leaves."""
    own, other = files
    daemon = home.daemon("--config", str(own))
    with no_guard_left(home):
        trial(home, other, UNHURRIED_S)
        assert guards(home)
        assert own.read_text() == BEFORE
        assert "on trial" in home.floodwall("apply", str(other)).stderr
        answer = home.floodwall("confirm")
        assert answer.stdout == f"confirmed, written to {own}\n"
        assert own.read_text() == ON_TRIAL
        assert eventually(lambda: not guards(home), 5)

        assert hold_s(home) == 11
        assert daemon.end() == 0


def test_a_rejected_trial_ends_at_once(home: Household, files: tuple[Path, Path]) -> None:
    """Nothing of it is left."""
    own, other = files
    daemon = home.daemon("--config", str(own))
    with no_guard_left(home):
        trial(home, other, UNHURRIED_S)
        assert home.floodwall("confirm", "--reject").stdout == "taken back\n"
        assert hold_s(home) == 7
        assert eventually(lambda: not guards(home), 5)
        assert "no settings are on trial" in home.floodwall("confirm").stderr
        assert daemon.end() == 0


def nobody(_: Household, __: Daemon) -> None:
    """Kill nobody: the command line has ended by itself."""


def the_guard(home: Household, _: Daemon) -> None:
    """Kill the guard: the daemon is there."""
    for pid in guards(home):
        os.kill(pid, signal.SIGKILL)


def the_daemon(_: Household, daemon: Daemon) -> None:
    """Kill the daemon: the guard is there."""
    daemon.end(signal.SIGKILL)


def stop_the_daemon(_: Household, daemon: Daemon) -> None:
    """Stop the daemon: it lives, and does nothing."""
    daemon.send(signal.SIGSTOP)


@pytest.mark.parametrize("harm", [nobody, the_guard, the_daemon, stop_the_daemon])
def test_a_trial_is_taken_back_at_its_time(
    home: Household, files: tuple[Path, Path], harm: Callable[[Household, Daemon], None]
) -> None:
    """Within a second of it, whoever has been killed."""
    own, other = files
    daemon = home.daemon("--config", str(own))
    with no_guard_left(home):
        deadline_s = trial(home, other)
        harm(home, daemon)
        time.sleep(max(0.0, deadline_s - 1 - time.monotonic()))
        assert hold_s(home) == 11
        assert eventually(lambda: hold_s(home) == 7, 4)
        late_s = time.monotonic() - deadline_s
        print(f"{harm.__name__}: taken back {late_s:+.2f} s")  # noqa: T201  the report's figure

        assert abs(late_s) <= 1
        assert home.reachable()
        assert eventually(lambda: not guards(home), 5)
        assert own.read_text() == BEFORE


def test_both_killed_and_started_again(home: Household, files: tuple[Path, Path]) -> None:
    """The next daemon goes on with the trial, and takes it back at its time."""
    own, other = files
    daemon = home.daemon("--config", str(own))
    with no_guard_left(home):
        deadline_s = trial(home, other, 10.0)
        the_guard(home, daemon)
        daemon.end(signal.SIGKILL)
        second = home.daemon("--config", str(own))
        assert hold_s(home) == 11
        assert time.monotonic() < deadline_s
        assert eventually(lambda: hold_s(home) == 7, 12)
        assert time.monotonic() - deadline_s <= 1
        assert second.end() == 0


def test_both_killed_and_started_late(home: Household, files: tuple[Path, Path]) -> None:
    """The next daemon begins with what is confirmed."""
    own, other = files
    daemon = home.daemon("--config", str(own))
    with no_guard_left(home):
        deadline_s = trial(home, other)
        the_guard(home, daemon)
        daemon.end(signal.SIGKILL)
        time.sleep(max(0.0, deadline_s + 0.1 - time.monotonic()))
        second = home.daemon("--config", str(own))

        assert hold_s(home) == 7
        assert second.end() == 0


def test_what_must_not_be_tried_is_refused(home: Household, files: tuple[Path, Path]) -> None:
    """The daemon's own file, a mistake in the file, another way to attach; nothing changes."""
    own, other = files
    daemon = home.daemon("--config", str(own))
    with no_guard_left(home):
        refused = home.floodwall("apply", str(own), "--confirm", "5s")
        assert "what a restart reads" in refused.stderr
        other.write_text("[arming]\nhold = 5\n")
        refused = home.floodwall("apply", str(other))
        assert refused.returncode == 2
        assert f"{other}:2: arming.hold: unknown key" in refused.stderr
        other.write_text('[attach]\nmode = "native"\n')
        refused = home.floodwall("apply", str(other), "--confirm", "5s")
        assert "attach.mode cannot change" in refused.stderr

        assert hold_s(home) == 7
        assert daemon.end() == 0


def test_a_dry_run_tells_exactly_what_would_change(
    home: Household, files: tuple[Path, Path]
) -> None:
    """And applying does exactly that; without a trial it is for good."""
    own, other = files
    daemon = home.daemon("--config", str(own))
    dry = home.floodwall("apply", str(other), "--dry-run").stdout.splitlines()

    assert dry[0] == "setting  arming.hold_s: 7.0 -> 11.0"
    assert "hold_ns 7000000000 -> 11000000000" in dry[1]
    assert dry[2:] == ["nothing has been changed"]
    assert hold_s(home) == 7
    done = home.floodwall("apply", str(other)).stdout.splitlines()
    assert done[:2] == dry[:2]
    assert done[2] == f"written to {own}"
    assert hold_s(home) == 11
    assert "nothing differs" in home.floodwall("apply", str(other), "--dry-run").stdout
    assert daemon.end() == 0


def test_without_a_file_it_holds_until_the_end(home: Household, files: tuple[Path, Path]) -> None:
    """Also over a kill; a new beginning knows nothing of it."""
    _, other = files
    daemon = home.daemon()
    assert home.floodwall("apply", str(other)).returncode == 0
    daemon.end(signal.SIGKILL)
    second = home.daemon()
    assert hold_s(home) == 11
    assert second.end() == 0
    third = home.daemon()
    assert hold_s(home) != 11
    assert third.end() == 0


def test_nobody_to_ask_is_told(home: Household, files: tuple[Path, Path]) -> None:
    """Without a daemon there is nothing to apply to, and no guard is started."""
    answer = home.floodwall("apply", str(files[1]), "--confirm", "5s")

    assert answer.returncode == 3
    assert "no daemon can be reached" in answer.stderr
    assert guards(home) == []
