"""`floodwall why`."""

import json
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from floodwall.app.past import open_past
from floodwall.cli import why as module
from floodwall.cli.main import main
from floodwall.core.decision import Act
from floodwall.core.model import Guard
from floodwall.core.verdict import Kind
from tests.support.records import Diary, ban, lift, network, note


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the record of a flood with a ban that holds and one that was lifted."""
    diary = Diary(tmp_path)
    diary.second(0)
    opened = note(Act.OPEN_INCIDENT, "*:80: a SYN flood", service=0)
    commands = [opened, ban(network(0), 0, service=0), ban(network(2), 0)]
    diary.second(1, commands, Kind.SPOOFED_FLOOD)
    diary.done(1, "", "", "")
    diary.second(2, [lift(network(2))], Kind.SPOOFED_FLOOD)
    diary.flush()
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path.parent))
    return tmp_path / "record.db"


def ask(path: Path, *arguments: str) -> Result:
    """Run the verb on this record."""
    return CliRunner().invoke(main, ["why", "--record", str(path), *arguments])


def test_a_banned_address_is_a_finding(path: Path) -> None:
    """By which rule, on what evidence, until when, and how it is undone."""
    answer = ask(path, "198.18.0.0")

    assert answer.exit_code == 1
    assert "198.18.0.0/32 is banned until lifted" in answer.stdout
    assert "by rule abuse.silent, decided by floodwall, in incident I1" in answer.stdout
    assert "evidence: silent 70, limit 64" in answer.stdout
    assert "undone by: floodwall unban 198.18.0.0/32" in answer.stdout


def test_a_lifted_ban_is_none(path: Path) -> None:
    """But on record."""
    answer = ask(path, "198.18.0.2", "--limit", "1")

    assert answer.exit_code == 0
    assert "198.18.0.2/32 is not banned" in answer.stdout
    assert ": lifted: because of it" in answer.stdout
    assert "1 older decisions: --limit shows more" in answer.stdout


def test_an_unknown_address_is_an_answer(path: Path) -> None:
    """Nothing is held against it."""
    answer = ask(path, "192.0.2.9")

    assert answer.exit_code == 0
    assert "nothing is on record about 192.0.2.9/32" in answer.stdout


def test_a_port_and_an_incident_are_explained(path: Path) -> None:
    """With the verdict and its evidence."""
    for subject in ("80", "I1"):
        answer = ask(path, subject)
        assert answer.exit_code == 1
        assert "spoofed_flood" in answer.stdout
        assert "spoof index 99.0%, 95 % interval 98.0% to 99.5%" in answer.stdout


def test_what_holds_now_is_told_first(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the daemon and the data plane, where the record of this machine is asked."""
    services: list[dict[str, Any]] = [
        {
            "name": "*:80 nginx",
            "armed_for_s": 65.0,
            "mode": "protect",
            "mechanism": "handover",
            "pending": 7,
            "capacity": 128,
            "high": 64,
        },
        {"name": "127.0.0.1:80", "left_alone": "listens on loopback only"},
    ]
    monkeypatch.setattr(module, "present_services", lambda: services)
    monkeypatch.setattr(
        module, "present_guards", lambda: {ip_network("198.18.0.2/32"): Guard.SSH_PEER}
    )
    monkeypatch.setattr(module, "open_past", lambda _: open_past(path))
    port = CliRunner().invoke(main, ["why", "80"]).stdout.splitlines()
    peer = CliRunner().invoke(main, ["why", "198.18.0.2"]).stdout

    assert port[0] == (
        "*:80 nginx: ARMED for 1m 5s, protect, by handover; 7 of 128 pending (arms above 64)"
    )
    assert port[1] == "127.0.0.1:80 is left alone: listens on loopback only"
    assert "198.18.0.2/32 can never be banned: SSH peer" in peer


def test_a_program_gets_everything(path: Path) -> None:
    """As one object."""
    told = json.loads(ask(path, "198.18.0.0", "--json").stdout)

    assert told["finding"] is True
    assert told["bans"][0]["rule"] == "abuse.silent"


def test_nonsense_is_refused(path: Path) -> None:
    """With what would be right."""
    answer = ask(path, "nginx")

    assert answer.exit_code == 2
    assert "write 192.0.2.1, 192.0.2.0/24, 443 or I12" in answer.stderr
