"""What `why` answers."""

from pathlib import Path

from floodwall.app.past import open_past
from floodwall.app.why import explain, understand
from floodwall.console.top.answers import why_lines
from tests.support.cases import ABUSER, write_record


def asked(path: Path, subject: str) -> str:
    """Ask the record, and write the answer."""
    with open_past(path) as history:
        answer = explain(understand(subject), history, {})
    return "\n".join(why_lines(answer.as_json()))


def test_a_ban_is_explained(tmp_path: Path) -> None:
    """Rule, evidence, end, and what undoes it."""
    shown = asked(write_record(tmp_path), ABUSER)

    assert shown.startswith(f"Why {ABUSER}/32\n\n")
    assert f"{ABUSER}/32 was banned until" in shown or f"{ABUSER}/32 IS BANNED until" in shown
    assert "by rule limits.concurrent, by floodwall" in shown
    assert "evidence: concurrent_connections 900, limit 300: 900 connections open" in shown
    assert f"undone by: floodwall unban {ABUSER}/32" in shown


def test_a_port_and_an_incident_are_explained(tmp_path: Path) -> None:
    """With the newest verdict."""
    path = write_record(tmp_path)
    for subject in ("80", "I1"):
        shown = asked(path, subject)
        assert "incident I1 at *:80: mixed flood, from 2027-01-15T08:00:01" in shown
        assert "verdict at " in shown
    assert "2 older decisions: floodwall why shows them" in asked(path, "I1")


def test_nothing_on_record_is_an_answer(tmp_path: Path) -> None:
    """And whom nobody may ban is told."""
    shown = asked(write_record(tmp_path), "192.0.2.9")

    assert "nothing is on record about 192.0.2.9/32" in shown
    assert list(why_lines({"subject": "192.0.2.9/32", "guard": "SSH peer"}))[2] == (
        "192.0.2.9/32 can never be banned: SSH peer"
    )


def test_an_answer_of_another_version_is_shown_as_far_as_it_goes() -> None:
    """Nothing in it can break the screen."""
    odd = {
        "subject": "\x1b[2J",
        "bans": ["x", {}],
        "decisions": [{"evidence": "no"}],
        "verdicts": 5,
    }
    shown = list(why_lines(odd))

    assert all(line.isprintable() for line in shown)
    assert any("IS BANNED until lifted" in line for line in shown)
