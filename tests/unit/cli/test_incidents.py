"""`floodwall incidents`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from floodwall.cli.main import main
from floodwall.core.decision import Act
from floodwall.core.verdict import Kind
from tests.support.records import BEGAN_NS, HOUR_NS, Diary, ban, network, note


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Keep the record of a flood that is over and one that goes on."""
    diary = Diary(tmp_path)
    diary.second(0)
    opened = note(Act.OPEN_INCIDENT, "*:80: a SYN flood", service=0)
    diary.second(1, [opened, ban(network(0), BEGAN_NS + HOUR_NS, service=0)], Kind.SPOOFED_FLOOD)
    diary.done(1, "", "")
    diary.second(2, [note(Act.CLOSE_INCIDENT, "*:80: is over", service=0)], Kind.CALM)
    diary.second(90, [opened], Kind.MIXED_FLOOD)
    diary.flush()
    return tmp_path / "record.db"


def ask(path: Path, *arguments: str) -> Result:
    """Run the verb on this record."""
    return CliRunner().invoke(main, ["incidents", "--record", str(path), *arguments])


def test_they_are_listed_newest_first(path: Path) -> None:
    """One that is open is a finding."""
    answer = ask(path)

    assert answer.exit_code == 1
    first, second = answer.stdout.splitlines()
    assert first.startswith("I2 ")
    assert "mixed_flood" in first
    assert "lasted 1s" in second


def test_one_is_shown_with_all_that_belongs_to_it(path: Path) -> None:
    """One that is over is no finding."""
    answer = ask(path, "I1")

    assert answer.exit_code == 0
    for text in ("opened     *:80: a SYN flood", "closed     *:80: is over", "verdict    "):
        assert text in answer.stdout
    assert "evidence: silent 70, limit 64" in answer.stdout
    assert "action: Ban 198.18.0.0/32: done" in answer.stdout


def test_a_program_gets_the_series_too(path: Path) -> None:
    """Second by second."""
    whole = json.loads(ask(path, "1", "--json").stdout)

    assert [each["tick"] for each in whole["series"]] == [0, 1]
    assert [each["kind"] for each in whole["verdicts"]] == ["calm", "spoofed_flood"]
    assert len(json.loads(ask(path, "--json").stdout)) == 2


@pytest.mark.parametrize("name", ["I9", "nginx", "0"])
def test_one_that_is_not_there_is_refused(path: Path, name: str) -> None:
    """With the way to the list."""
    answer = ask(path, name)

    assert answer.exit_code == 2
    assert "there is no incident" in answer.stderr


def test_no_incident_is_an_answer(tmp_path: Path) -> None:
    """A record without one, and no record at all."""
    diary = Diary(tmp_path)
    diary.recorder.tell(0, ["a note"])
    diary.second(1)
    diary.flush()

    assert ask(tmp_path / "record.db").stdout == "no incident is on record\n"
    assert json.loads(ask(tmp_path / "record.db", "--json").stdout) == []
    missing = ask(tmp_path / "none.db")
    assert missing.exit_code == 2
    assert "nothing is on record" in missing.stderr
