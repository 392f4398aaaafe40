"""The scripts that harden from afar, below a root of their own: values are files there."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from floodwall.audit.plan import FILE, Plan, Step
from floodwall.audit.profile import Profile
from floodwall.fleet.harden_script import (
    DENIED,
    PARTLY,
    REFUSED,
    STATE,
    begin_script,
    keep_script,
    rollback_script,
)

SHELLS = [shell for shell in ("dash", "bash", "busybox") if shutil.which(shell)]
COOKIES, RETRIES = "net.ipv4.tcp_syncookies", "net.ipv4.tcp_synack_retries"
LONG = 60


class Machine:
    """A root with two sysctls and an /etc, and a shell."""

    def __init__(self, root: Path, shell: str) -> None:
        self.root = root
        self.guards: list[int] = []
        self.words = [shell, "sh"] if shell == "busybox" else [shell]
        for name, value in ((COOKIES, "0\n"), (RETRIES, "5\n")):
            self.place(name).parent.mkdir(parents=True, exist_ok=True)
            self.place(name).write_text(value)
        (root / "etc").mkdir()
        (root / "var/lib").mkdir(parents=True)
        self.file = root / FILE[1:]
        self.state = root / STATE[1:]

    def place(self, name: str) -> Path:
        """Return the file that is a sysctl here."""
        return self.root / "proc/sys" / name.replace(".", "/")

    def run(self, script: str) -> tuple[int, str]:
        """Run a script; return its exit code and what it printed."""
        with subprocess.Popen(
            self.words,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as shell:
            self.guards.append(shell.pid)
            said, _ = shell.communicate(script, timeout=20)
        return shell.returncode, said

    def end(self) -> None:
        """End the guards that still wait."""
        for group in self.guards:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)

    def begin(self, plan: Plan, *, seconds: int = LONG, trial: str = "t1") -> tuple[int, str]:
        """Put a plan on trial."""
        return self.run(begin_script(plan, trial, seconds, str(self.root)))

    def keep(self, trial: str = "t1") -> tuple[int, str]:
        """Keep it."""
        return self.run(keep_script(trial, str(self.root)))

    def rollback(self) -> tuple[int, str]:
        """Take everything back."""
        return self.run(rollback_script(str(self.root)))

    def everything(self) -> dict[str, bytes | None]:
        """Return all files and directories."""
        return {
            str(path): path.read_bytes() if path.is_file() else None
            for path in self.root.rglob("*")
        }

    def values(self) -> tuple[str, str]:
        """Return both sysctls."""
        return self.place(COOKIES).read_text(), self.place(RETRIES).read_text()


@pytest.fixture(params=SHELLS)
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    """Return a machine for each shell that is here."""
    made = Machine(tmp_path, request.param)
    yield made
    made.end()


def plan(
    *steps: tuple[str, str, str], before: str | None = None, after: str | None = "ours = 1\n"
) -> Plan:
    """Return a plan."""
    made = tuple(Step(name, old, new, "") for name, old, new in steps)
    return Plan(Profile.WEB, made, before, after)


BOTH = plan((COOKIES, "0", "1"), (RETRIES, "5", "3"))


def test_a_trial_that_is_kept_and_taken_back_leaves_nothing(machine: Machine) -> None:
    """No file, no directory; in between the file is there, and readable for all."""
    before = machine.everything()
    code, said = machine.begin(BOTH)
    assert (code, machine.values()) == (0, ("1\n", "3\n")), said
    assert not machine.file.exists()
    code, said = machine.keep()
    assert (code, machine.file.read_text()) == (0, "ours = 1\n"), said
    assert machine.file.stat().st_mode & 0o777 == 0o644
    assert machine.state.stat().st_mode & 0o777 == 0o700
    code, said = machine.rollback()
    assert (code, machine.everything()) == (0, before), said
    assert machine.rollback() == (0, "nothing was changed here\n")


def test_a_file_that_was_there_comes_back_to_the_byte(machine: Machine) -> None:
    """With mode and time, after two changes of it."""
    machine.file.parent.mkdir(parents=True)
    machine.file.write_bytes(b"# mine\r\nx = 1")
    machine.file.chmod(0o640)
    before, told = machine.everything(), machine.file.stat()
    for trial, old, new in (("t1", "# mine\r\nx = 1", "a = 1\n"), ("t2", "a = 1\n", "b = 1\n")):
        assert machine.begin(plan(before=old, after=new), trial=trial)[0] == 0
        assert machine.keep(trial)[0] == 0
        assert machine.file.read_text() == new
    assert machine.rollback()[0] == 0
    assert machine.everything() == before
    now = machine.file.stat()
    assert (now.st_mode, now.st_mtime_ns) == (told.st_mode, told.st_mtime_ns)


@pytest.mark.slow
def test_a_trial_that_nobody_keeps_goes_back_by_itself(machine: Machine) -> None:
    """The shell that began it has ended; a later one is told."""
    before = machine.everything()
    assert machine.begin(BOTH, seconds=1)[0] == 0
    assert machine.values() == ("1\n", "3\n")
    deadline = time.monotonic() + 15
    while machine.everything() != before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert machine.everything() == before
    assert machine.keep()[0] == REFUSED


def test_a_second_trial_upon_what_was_kept_ends_at_the_beginning(machine: Machine) -> None:
    """Of each value the oldest counts."""
    before = machine.everything()
    machine.begin(plan((RETRIES, "5", "3")))
    machine.keep()
    assert machine.begin(plan((RETRIES, "3", "2"), (COOKIES, "0", "1"), before="ours = 1\n"),
                         trial="t2")[0] == 0  # fmt: skip
    assert machine.keep("t2")[0] == 0
    assert machine.values() == ("1\n", "2\n")
    assert machine.rollback()[0] == 0
    assert machine.everything() == before


def test_two_trials_at_a_time_are_refused(machine: Machine) -> None:
    """The first one stands; nobody keeps it by the name of another."""
    machine.begin(BOTH)
    code, said = machine.begin(plan((COOKIES, "1", "2")), trial="t2")
    assert (code, "on trial already" in said) == (REFUSED, True)
    assert machine.keep("t2")[0] == REFUSED
    assert machine.values() == ("1\n", "3\n")
    assert machine.keep()[0] == 0


def test_what_has_changed_since_it_was_looked_at_is_not_touched(machine: Machine) -> None:
    """A value, or the file: then nothing is changed at all."""
    machine.place(RETRIES).write_text("1\n")
    before = machine.everything()
    code, said = machine.begin(BOTH)
    assert (code, RETRIES.rsplit(".", maxsplit=1)[-1] in said) == (REFUSED, True)
    assert machine.everything() == before
    code, said = machine.begin(plan((COOKIES, "0", "1"), before="other = 1\n"))
    assert (code, "has changed since" in said) == (REFUSED, True)
    assert machine.everything() == before


def test_what_somebody_else_has_set_since_stays(machine: Machine) -> None:
    """Values and file; the rest goes back."""
    machine.begin(BOTH)
    machine.keep()
    machine.place(COOKIES).write_text("2\n")
    machine.file.write_text("theirs = 1\n")
    code, said = machine.rollback()
    assert (code, machine.values()) == (0, ("2\n", "5\n"))
    assert machine.file.read_text() == "theirs = 1\n"
    assert said.count("somebody else has") == 2
    assert not machine.state.exists()


def test_what_the_kernel_refuses_is_told_and_the_rest_is_done(machine: Machine) -> None:
    """A directory in the place of a value takes no value."""
    broken = machine.place("net.ipv4.broken")
    broken.write_text("7\n")
    wanted = plan((COOKIES, "0", "1"), ("net.ipv4.broken", "7", "8"))
    script = begin_script(wanted, "t1", LONG, str(machine.root))
    # Between the look and the change, as a kernel does that lets be read and not be written.
    script = script.replace('cp "$state/trial" "$state/trial.todo"', (
        'set_value() { [ "${1##*/}" != broken ] && printf "%s\\n" "$2" >"$1"; }\n'
        'cp "$state/trial" "$state/trial.todo"'))  # fmt: skip
    code, said = machine.run(script)
    assert (code, "could not set" in said) == (PARTLY, True)
    assert machine.values()[0] == "1\n"
    assert "broken" not in (machine.state / "trial").read_text()


def test_a_value_that_the_kernel_rounds_finds_its_way_back(machine: Machine) -> None:
    """What it made of ours is what is looked for."""
    before = machine.everything()
    script = begin_script(plan((RETRIES, "5", "3")), "t1", LONG, str(machine.root))
    script = script.replace('cp "$state/trial" "$state/trial.todo"', (
        'set_value() { printf "%s\\n" 4 >"$1"; }\n'
        'cp "$state/trial" "$state/trial.todo"'))  # fmt: skip
    code, said = machine.run(script)
    assert (code, machine.values()[1]) == (0, "4\n"), said
    assert machine.keep()[0] == 0
    assert machine.rollback()[0] == 0
    assert machine.everything() == before


def test_a_trial_of_an_earlier_boot_is_over(machine: Machine) -> None:
    """Its values went with it; a new one may begin."""
    machine.begin(BOTH)
    (machine.state / "trial.boot").write_text("another boot\n")
    machine.place(COOKIES).write_text("0\n")
    machine.place(RETRIES).write_text("5\n")
    assert machine.keep()[0] == REFUSED
    assert machine.begin(BOTH, trial="t2")[0] == 0


def test_a_machine_with_its_own_floodwall_is_left_to_it(machine: Machine) -> None:
    """Two ways back do not fit together."""
    (machine.state.parent).mkdir(parents=True)
    ledger = machine.state.parent / "undo.json"
    ledger.write_text('[{"name": "x"}]\n')
    code, said = machine.begin(BOTH)
    assert (code, "a floodwall of its own" in said) == (REFUSED, True)
    ledger.write_text("[]\n")
    assert machine.begin(BOTH)[0] == 0


def test_a_link_in_the_place_of_our_file_is_refused(machine: Machine) -> None:
    """Whoever put it there means another file."""
    machine.file.parent.mkdir(parents=True)
    machine.file.symlink_to("elsewhere")
    assert machine.begin(BOTH)[0] == REFUSED
    assert machine.values() == ("0\n", "5\n")


def test_nothing_of_the_machine_is_run_there(machine: Machine) -> None:
    """Quotes, commands and our own marks in a file of theirs stay words."""
    hostile = "a = '$(touch owned)`touch owned`\n@NEXT@ @STEPS@ END-t1 \\n %s\n"
    machine.file.parent.mkdir(parents=True)
    machine.file.write_text(hostile)
    assert machine.begin(plan(before=hostile, after=hostile + "b = 1\n"))[0] == 0
    assert machine.keep()[0] == 0
    assert machine.file.read_text() == hostile + "b = 1\n"
    assert not Path("owned").exists()


@pytest.mark.slow
def test_what_cannot_be_written_is_not_kept_and_goes_back(machine: Machine) -> None:
    """A read-only /etc, or here a directory in the place of the new file."""
    machine.file.parent.mkdir(parents=True)
    before = machine.everything()
    (machine.file.parent / f".{machine.file.name}.new").mkdir()
    assert machine.begin(BOTH, seconds=1)[0] == 0
    code, said = machine.keep()
    assert (code, "cannot write" in said) == (DENIED, True)
    (machine.file.parent / f".{machine.file.name}.new").rmdir()
    deadline = time.monotonic() + 15
    while machine.everything() != before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert machine.everything() == before


def test_who_is_not_root_is_told(tmp_path: Path) -> None:
    """Before anything is looked at; what is run needs no root in the tests only."""
    script = begin_script(BOTH, "t1", LONG).replace("id -u", "echo 1000")
    done = subprocess.run(
        ["sh"], input=script, capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert (done.returncode, done.stdout) == (DENIED, "root is needed\n")
