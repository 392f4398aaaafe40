"""The guard of a trial: at its time, whoever is dead."""

from __future__ import annotations

import json
import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import pytest

from floodwall.app import guard as module
from floodwall.app.guard import take_back, watch
from floodwall.app.instance import claim, running
from floodwall.core.errors import KernelError
from floodwall.core.settings import Settings
from floodwall.kernel.bpffs import StateDirectory
from floodwall.store.journal import Journal
from floodwall.store.moment import boot_id
from floodwall.store.pending import Pending, PendingFile

pytestmark = pytest.mark.timeout(120)

RUNS = 40
TRIAL_S = 4.0


class Wall:
    """A defence that takes a while to begin, and writes down when settings are swapped."""

    def __init__(self, run: Path, settings: Settings) -> None:
        self.run = run
        self._note(settings)

    def check(self, settings: Settings) -> None:
        """Refuse nothing."""

    def reload(self, settings: Settings, now_ns: int) -> None:
        """Swap the settings."""
        assert now_ns
        self._note(settings)

    def settle(self, settings: Settings) -> None:
        """Swap the settings."""

    def obey(self, command: object) -> None:
        """Do nothing."""

    def abandon(self) -> None:
        """Let go."""
        (self.run / "abandoned").touch()

    def _note(self, settings: Settings) -> None:
        with (self.run / "swaps").open("a") as file:
            file.write(json.dumps([time.monotonic_ns(), settings.arming.hold_s]) + "\n")


def begin(run: Path, seconds: float) -> Pending:
    """Put settings on trial."""
    trial = Pending(
        text="[arming]\nhold_s = 9\n",
        origin="new.toml",
        before="[arming]\nhold_s = 7\n",
        before_origin="floodwall.toml",
        deadline_ns=time.monotonic_ns() + int(seconds * 1e9),
        who="uid 0 (root), pid 1",
        boot=boot_id(),
    )
    PendingFile(run).write(trial)
    return trial


def swaps(run: Path) -> list[tuple[int, float]]:
    """Return when which settings came into force."""
    file = run / "swaps"
    lines = file.read_text().splitlines() if file.exists() else []
    return [(json.loads(line)[0], json.loads(line)[1]) for line in lines]


@pytest.fixture(autouse=True)
def slow_start(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a defence take half a second to begin, and do nothing to this machine."""

    def open_defence(directory: StateDirectory, settings: Settings, _: object) -> Wall:
        time.sleep(0.5)
        return Wall(directory.run, settings)

    monkeypatch.setattr(module, "open_defence", open_defence)
    monkeypatch.setattr(module, "probe", lambda _: None)


def place(monkeypatch: pytest.MonkeyPatch, run: Path) -> None:
    """Let everything of Floodwall be in this directory, with something pinned."""

    class Place(StateDirectory):
        @classmethod
        def find(cls, *_: object) -> Place:
            return cls(run, run, "")

        @classmethod
        def prepare(cls, *_: object) -> Place:  # type: ignore[override]  # as above
            return cls(run, run, "")

        def pinned(self, prefix: str = "") -> list[Path]:
            return [self.run / prefix]

    monkeypatch.setattr(module, "StateDirectory", Place)


def child(work: Callable[[], None]) -> int:
    """Do something in a process of its own; return its number."""
    pid = os.fork()
    if pid == 0:
        with suppress(BaseException):  # nothing of the test may run twice
            work()
            os._exit(0)
        os._exit(1)
    return pid


def be_daemon(run: Path) -> None:
    """Hold the lock, and do nothing."""
    claim(run)
    while True:
        signal.pause()


def be_guard(run: Path, trial: Pending) -> None:
    """Do what the guard does."""
    if watch(run, trial.deadline_ns):
        take_back(run)


@pytest.mark.slow
def test_forty_trials_end_at_their_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody was there, or the daemon is killed, or stopped, at a random moment before."""
    chance = random.Random(18)
    trials: dict[int, Pending] = {}
    guards: list[int] = []
    daemons: list[tuple[float, int, signal.Signals]] = []
    for number in range(RUNS):
        run = tmp_path / str(number)
        run.mkdir()
        place(monkeypatch, run)
        if number % 3:
            pid = child(partial(be_daemon, run))
            harm = signal.SIGKILL if number % 3 == 1 else signal.SIGSTOP
            at = time.monotonic() + chance.uniform(0.2, TRIAL_S - 1)
            daemons.append((at, pid, harm))
        trials[number] = begin(run, TRIAL_S)
        guards.append(child(partial(be_guard, run, trials[number])))
    for at, pid, harm in sorted(daemons):
        time.sleep(max(0.0, at - time.monotonic()))
        os.kill(pid, harm)
    statuses = [os.waitpid(pid, 0)[1] for pid in guards]
    for _, pid, _ in daemons:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)

    assert statuses == [0] * RUNS
    late_s = []
    for number, trial in trials.items():
        (_, first), (at_ns, last) = swaps(tmp_path / str(number))
        late_s.append((at_ns - trial.deadline_ns) / 1e9)
        assert (first, last) == (9, 7)
        assert not PendingFile(tmp_path / str(number)).exists()
    span = f"{min(late_s):+.3f} to {max(late_s):+.3f} s"
    print(f"{RUNS} trials taken back {span} late")  # noqa: T201  a figure of the report
    assert all(0 <= late <= 1 for late in late_s)


@pytest.mark.slow
def test_a_daemon_that_lives_is_left_to_it(tmp_path: Path) -> None:
    """The guard leaves when the trial is over."""
    trial = begin(tmp_path, 1.0)
    pid = child(lambda: be_daemon(tmp_path))
    try:
        while running(tmp_path) is None:
            time.sleep(0.01)
        guarding = child(lambda: os._exit(int(watch(tmp_path, trial.deadline_ns))))
        time.sleep(1.5)
        PendingFile(tmp_path).remove()  # as the daemon does, a little late
        assert os.waitstatus_to_exitcode(os.waitpid(guarding, 0)[1]) == 0
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_what_is_over_or_another_is_not_guarded(tmp_path: Path) -> None:
    """Neither a trial that never began, nor the next one."""
    assert not watch(tmp_path, time.monotonic_ns())
    trial = begin(tmp_path, 60)
    assert not watch(tmp_path, trial.deadline_ns - 1)


def test_confirmed_in_the_last_moment_is_confirmed(tmp_path: Path) -> None:
    """Whoever comes too late finds nothing to take back."""
    take_back(tmp_path)

    assert swaps(tmp_path) == []


def test_a_late_guard_goes_straight_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was on trial is not begun again."""
    place(monkeypatch, tmp_path)
    begin(tmp_path, -1)
    take_back(tmp_path)

    assert [hold_s for _, hold_s in swaps(tmp_path)] == [7]
    assert (tmp_path / "abandoned").exists()


def test_what_cannot_be_taken_back_is_switched_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The unknown does not stay."""

    def fail(*_: object) -> None:
        raise KernelError("no memory")

    off: list[str] = []
    place(monkeypatch, tmp_path)
    monkeypatch.setattr(module, "open_defence", fail)

    def switch_off() -> Iterator[str]:
        off.append("all")
        yield "all"

    monkeypatch.setattr(module, "switch_off", switch_off)
    begin(tmp_path, -1)
    take_back(tmp_path)

    assert off == ["all"]
    (entry,) = Journal(tmp_path).entries()
    assert "switched off: settings on trial could not be taken back: no memory" in entry.text


def test_nothing_outlived_the_daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then there is nothing to take back but the note."""
    monkeypatch.setattr(StateDirectory, "pinned", lambda *_: [])
    monkeypatch.setattr(module, "StateDirectory", StateDirectory)
    monkeypatch.setattr(StateDirectory, "find", lambda: StateDirectory(tmp_path, None, ""))
    begin(tmp_path, -1)
    take_back(tmp_path)

    assert swaps(tmp_path) == []
    assert not PendingFile(tmp_path).exists()
