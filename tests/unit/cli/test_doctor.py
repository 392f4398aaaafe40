"""`floodwall doctor`: options, exit codes, and that nothing is changed unasked."""

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from floodwall.cli import doctor as module
from floodwall.cli.main import main
from floodwall.core.diagnosis.ailment import Remedy
from floodwall.core.diagnosis.symptoms import Symptoms
from floodwall.core.errors import KernelError
from floodwall.core.model import SECOND_NS
from floodwall.doctor.examine import Request
from floodwall.kernel.bpffs import StateDirectory
from tests.support.proc_trees import GENERATIONS, State, recording
from tests.support.symptoms import SILENT, flooded, machine, moved
from tests.unit.cli.test_status import status

SICK = machine(flooded(canary=SILENT), cookies=0, moved=moved(TcpExtListenDrops=9000))
COOKIES = "sysctl -w net.ipv4.tcp_syncookies=1"


class Ward:
    """A patient of paper, and what was done to it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen = SICK
        self.requests: list[Request] = []
        self.done: list[str] = []
        monkeypatch.setattr(module, "examine", self._examine)
        monkeypatch.setattr(module, "carry_out", self._carry_out)
        monkeypatch.setattr(module, "_guard", lambda: (False, ()))

    def ask(self, *arguments: str, answer: str = "") -> Result:
        """Call the doctor."""
        return CliRunner().invoke(main, ["doctor", *arguments], input=answer)

    def _examine(self, request: Request) -> Symptoms:
        self.requests.append(request)
        return self.seen

    def _carry_out(self, remedies: tuple[Remedy, ...]) -> Iterator[str]:
        for remedy in remedies:
            self.done.append(remedy.command)
            yield f"did {remedy.command}"


@pytest.fixture
def ward(monkeypatch: pytest.MonkeyPatch) -> Ward:
    """Return a machine that is flooded."""
    return Ward(monkeypatch)


@pytest.mark.parametrize(
    ("seen", "code", "word"),
    [(machine(), 0, "OK"), (SICK, 1, "CRITICAL"), (Symptoms(2.0), 3, "BLIND")],
)
def test_the_exit_code_tells_the_verdict(ward: Ward, seen: Symptoms, code: int, word: str) -> None:
    """0 nothing, 1 a finding, 3 nothing could be seen."""
    ward.seen = seen
    answer = ward.ask()

    assert answer.exit_code == code
    assert answer.stdout.startswith(f"{word}: ")
    assert ward.done == []


def test_fix_shows_the_plan_and_asks(ward: Ward) -> None:
    """No is no, and no answer is none, too."""
    refused, silent = ward.ask("--fix", answer="n\n"), ward.ask("--fix")

    assert f"  {COOKIES}   (undo: sysctl -w net.ipv4.tcp_syncookies=0)" in refused.stdout
    assert "nothing was changed" in refused.stdout
    assert (refused.exit_code, silent.exit_code, ward.done) == (1, 1, [])
    agreed = ward.ask("--fix", answer="y\n")
    assert ward.done == [COOKIES]
    assert f"did {COOKIES}" in agreed.stdout


def test_fix_with_yes_does_not_ask(ward: Ward) -> None:
    """For programs, too; where nothing is safe nothing is run."""
    told = json.loads(ward.ask("--fix", "--yes", "--json").stdout)

    assert told["done"][0] == f"did {COOKIES}"
    ward.seen = machine()
    assert "nothing here is safe to run without you" in ward.ask("--fix", "--yes").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("--yes",),
        ("--fix", "--json"),
        ("--undo", "--fix"),
        ("--window", "0.5s"),
        ("--window", "2m"),
        ("--link", "eth0"),
        ("--link", "eth0=0"),
        ("--from", "/nowhere/at/all"),
    ],
)
def test_what_makes_no_sense_is_refused(ward: Ward, arguments: tuple[str, ...]) -> None:
    """Before anything is looked at."""
    assert ward.ask(*arguments).exit_code == 2
    assert ward.requests == []


def test_options_reach_the_examination(ward: Ward) -> None:
    """The window, the links in bits a second, and the reduced form."""
    ward.ask("--window", "3s", "--proc-only", "--link", "eth0=100M", "--link", "wan=1.5g")

    assert ward.requests == [
        Request(3.0, reduced=True, speeds={"eth0": 100_000_000, "wan": 1_500_000_000})
    ]


def test_undo_tells_what_went_back(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also that there was nothing."""
    monkeypatch.setattr(module, "take_back", lambda: iter(["put it back"]))
    assert ward.ask("--undo").stdout == "put it back\n"
    assert json.loads(ward.ask("--undo", "--json").stdout) == {"done": ["put it back"]}
    monkeypatch.setattr(module, "take_back", lambda: iter(()))
    assert "nothing of the doctor's" in ward.ask("--undo").stdout


def test_another_machine_is_diagnosed_from_a_recording(ward: Ward, tmp_path: Path) -> None:
    """What the printed script recorded; --fix would be for this machine."""
    after = State(86_402.0, {"SyncookiesSent": 9000}, half_open=256, stale=250)
    file = tmp_path / "recorded.txt"
    file.write_text(recording(GENERATIONS[1], State(), after))
    answer = ward.ask("--from", str(file), "--json")

    assert answer.exit_code == 1
    assert json.loads(answer.stdout)["kernel"] == "3.10.0-1160.el7.x86_64"
    assert ward.ask("--from", str(file), "--fix", "--yes").exit_code == 2
    assert (ward.requests, ward.done) == ([], [])
    assert ward.ask("--script", "--window", "3s").stdout.startswith("cd /proc && { head -v")


def test_a_recording_cannot_steer_the_terminal(ward: Ward, tmp_path: Path) -> None:
    """Names in it may be anything."""
    after = State(86_402.0, received_bytes=5_024_000_000)
    text = recording(GENERATIONS[1], State(), after).replace("eth0", "e\x1b[2J")
    file = tmp_path / "recorded.txt"
    file.write_text(text)
    answer = ward.ask("--from", str(file), "--link", "e\x1b[2J=100M")

    assert "the link e?[2J is full" in answer.stdout
    assert "\x1b" not in answer.stdout


FRESH = ("*:80 nginx is armed, calm",)


def test_what_the_daemon_holds_off_is_asked_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Armed services with their verdicts; absent, or hidden from us, is no guard."""

    def refuse() -> None:
        raise KernelError("no")

    monkeypatch.setattr(StateDirectory, "find", lambda: "somewhere")
    holds = status(armed_for_s=12)
    flood = replace(holds.services[0], verdict="spoofed flood (99% sure)")
    until_ns = time.monotonic_ns() + 60 * SECOND_NS
    fresh = replace(flood, reading=replace(flood.reading, armed_until_ns=until_ns))
    for given, expected in (
        (
            replace(holds, services=(flood,)),
            (True, ("*:80 nginx is armed, spoofed flood",)),
        ),
        (holds, (True, ("*:80 nginx is armed, nobody says why",))),
        # Armed by a word, or by the settings: that is no attack.
        (replace(holds, services=(replace(flood, verdict="calm (76% sure)"),)), (True, ())),
        # Armed by the kernel a moment ago: its verdict takes another second.
        (replace(holds, services=(replace(fresh, verdict="calm (76% sure)"),)), (True, FRESH)),
        (status(), (True, ())),
        (status(pid=None, lease_s=0), (False, ())),
        (None, (False, ())),
    ):
        monkeypatch.setattr("floodwall.app.status.read_status", lambda given=given: given)
        assert module._guard() == expected
        with monkeypatch.context() as nobody:
            nobody.setattr(StateDirectory, "find", lambda: None)
            assert module._guard() == (False, ())
    monkeypatch.setattr("floodwall.app.status.read_status", refuse)
    assert module._guard() == (False, ())
