"""What is happening on many machines: one matrix, or one diagnosis."""

import json

import pytest

from floodwall.cli import fleet_doctor
from floodwall.cli.fleet import Fleet
from floodwall.cli.fleet_doctor import examine_fleet
from floodwall.core.diagnosis.ailment import Ailment, Diagnosis, Finding, Remedy, Severity
from floodwall.core.diagnosis.symptoms import Symptoms
from floodwall.fleet.host import Host, parse_host
from floodwall.fleet.look import Examined
from floodwall.fleet.session import Wire
from floodwall.fleet.trouble import Kind, TroubleError

SICK = Diagnosis(
    "*:80 is SYN flooded",
    (
        Finding(
            Ailment.SYN_FLOOD,
            Severity.CRITICAL,
            "*:80 is SYN \x1b[2Jflooded",
            0.95,
            remedies=(Remedy("sysctl -w x=1", "why", "cost", "undo"),),
        ),
    ),
)
ASKED: list[float] = []


@pytest.fixture(autouse=True)
def machines(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the host called sick be flooded, and others be well."""
    ASKED.clear()

    def examine(host: Host, wire: Wire, window_s: int, _: object) -> Examined:
        ASKED.extend((wire.timeout_s, window_s))
        if host.name == "gone":
            raise TroubleError(Kind.TIMEOUT, "no answer")
        return Examined(SICK if host.name == "sick" else Diagnosis("well"), Symptoms(2.0))

    monkeypatch.setattr(fleet_doctor, "examine_host", examine)


def doctor(*names: str, as_json: bool = False) -> int:
    """Examine machines; return the exit code."""
    fleet = Fleet(tuple(parse_host(name) for name in names), Wire(timeout_s=30.0), 4)
    return examine_fleet(fleet, 2.0, {}, as_json=as_json)


def test_the_machine_that_is_flooded_is_first(capsys: pytest.CaptureFixture[str]) -> None:
    """With its first remedy, and nothing that steers a terminal."""
    assert doctor("one", "sick", "two") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "3 machines looked at: sick differs from the others"
    assert lines[3] == (
        "  critical  spoofed_flood: *:80 is SYN ?[2Jflooded (95% sure)   (others: well)"
    )
    assert lines[4] == "            fix: sysctl -w x=1"


def test_the_window_is_not_taken_from_the_patience(capsys: pytest.CaptureFixture[str]) -> None:
    """Of thirty seconds, two more are spent there."""
    assert doctor("one", "two") == 0
    assert ASKED == [32.0, 2, 32.0, 2]
    assert capsys.readouterr().out == "2 machines looked at: nothing found\n"


def test_one_machine_has_its_whole_diagnosis(capsys: pytest.CaptureFixture[str]) -> None:
    """As if we were there."""
    assert doctor("sick") == 1
    assert capsys.readouterr().out.startswith("CRITICAL: *:80 is SYN flooded\n")


def test_json_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    """One that does not answer is not well; none is nothing known."""
    assert doctor("one", "gone", as_json=True) == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["verb"], found["not_looked_at"]) == ("doctor", 1)
    assert doctor("gone") == 3
