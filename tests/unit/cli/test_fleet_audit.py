"""The checklist on many machines: one matrix, or one report of one machine."""

import json
from pathlib import Path

import pytest

from floodwall.audit.archive import parse_archive
from floodwall.audit.baseline import Baseline
from floodwall.audit.check import Severity
from floodwall.cli.fleet import Fleet
from floodwall.cli.fleet_audit import audit_fleet
from floodwall.fleet import look
from floodwall.fleet.host import Host, parse_host
from floodwall.fleet.session import Wire
from floodwall.fleet.trouble import Kind, TroubleError

MACHINES = Path(__file__).parents[1] / "audit/machines"
OFF = "net.ipv4.tcp_syncookies = 0"


@pytest.fixture(autouse=True)
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each host be the machine that was recorded under its name."""

    def fetch(host: Host, _: Wire) -> object:
        text = (MACHINES / "6.18.txt").read_text()
        if host.name == "off":
            text = text.replace("net.ipv4.tcp_syncookies = 1", OFF)
            assert OFF in text
        if host.name == "gone":
            raise TroubleError(Kind.UNREACHABLE, "no route to host")
        if host.name == "empty":
            text = ""
        return parse_archive(text.replace("sshd", "ss\x1b[2Jhd"))

    monkeypatch.setattr(look, "fetch_archive", fetch)


def audit(*names: str, least: Severity | None = Severity.LOW, as_json: bool = False,
          everything: bool = False) -> int:  # fmt: skip
    """Audit machines; return the exit code."""
    fleet = Fleet(tuple(parse_host(name) for name in names), Wire(), 4)
    return audit_fleet(fleet, Baseline(), least, everything=everything, as_json=as_json)


def test_the_machine_with_cookies_off_is_first(capsys: pytest.CaptureFixture[str]) -> None:
    """Of three, though it was named second."""
    assert audit("one", "off", "two") == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "3 machines looked at: off differs from the others"
    assert lines[2] == "off"
    assert lines[3].startswith("  critical  syncookies: 0")
    assert "\x1b" not in "".join(lines)


def test_one_machine_is_told_as_it_would_tell_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """With reasons and sources."""
    assert audit("off") == 1
    out = capsys.readouterr().out
    assert out.startswith("off:\nscore ")
    assert "source RFC 4987" in out
    assert "\x1b" not in out


def test_everything_is_the_matrix_and_each_report(capsys: pytest.CaptureFixture[str]) -> None:
    """For who asks for it."""
    audit("one", "off", everything=True)
    out = capsys.readouterr().out
    assert out.startswith("2 machines looked at")
    assert out.count("\nscore ") == 2


def test_json_has_each_machine_and_the_matrix(capsys: pytest.CaptureFixture[str]) -> None:
    """Those that were not reached, too."""
    assert audit("one", "off", "gone", as_json=True) == 1
    found = json.loads(capsys.readouterr().out)
    assert found["schema"] == "floodwall.fleet/1"
    assert found["hosts"][0]["host"] == "off"
    assert found["hosts"][0]["result"]["schema"] == "floodwall.audit/1"
    assert found["matrix"]["off"]["syncookies"] == "critical"
    assert found["hosts"][-1]["trouble"]["text"] == "no route to host"


def test_exit_codes_are_those_of_the_severity_and_of_who_was_reached(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nobody reached is 3, whatever was asked for."""
    assert audit("one", "two", least=Severity.CRITICAL) == 0
    assert audit("one", "off", least=Severity.CRITICAL) == 1
    assert audit("one", "off", least=None) == 0
    assert audit("one", "gone", least=Severity.CRITICAL) == 1
    assert audit("gone", "empty", least=None) == 3
    assert "nothing of this machine could be read" in capsys.readouterr().out
