"""`floodwall events`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from floodwall.cli.main import main
from tests.support.records import Diary, life, moment


def told(directory: Path, *texts: str, name: str = "first") -> None:
    """Keep a record with these notes."""
    diary = Diary(directory, life(name))
    diary.recorder.tell(moment().ns, texts)
    diary.second(1)
    diary.flush()


def follow(path: Path) -> subprocess.Popen[str]:
    """Follow a record in a process of its own."""
    command = [sys.executable, "-m", "floodwall", "events", "--follow", "--json"]
    return subprocess.Popen(
        [*command, "--count", "9", "--record", str(path)], stdout=subprocess.PIPE, text=True
    )


def test_the_newest_are_printed_oldest_first(tmp_path: Path) -> None:
    """As many as are asked for."""
    told(tmp_path, "one", "two", "three")
    path = str(tmp_path / "record.db")
    lines = CliRunner().invoke(main, ["events", "--count", "2", "--record", path]).stdout

    assert [line.split()[-1] for line in lines.splitlines()] == ["two", "three"]
    nothing = CliRunner().invoke(main, ["events", "--count", "0", "--record", path])
    assert (nothing.exit_code, nothing.stdout) == (0, "")


def test_no_record_is_said(tmp_path: Path) -> None:
    """Unless it is waited for."""
    answer = CliRunner().invoke(main, ["events", "--record", str(tmp_path / "none.db")])

    assert answer.exit_code == 2
    assert "nothing is on record" in answer.stderr


@pytest.mark.slow
def test_they_are_followed(tmp_path: Path) -> None:
    """From before there is a record, through its end, into a new one."""
    path = tmp_path / "record.db"
    with follow(path) as follower:
        try:
            assert follower.stdout
            told(tmp_path, "one", "two", "three")
            lines = [json.loads(follower.stdout.readline())["text"] for _ in range(3)]
            for old in tmp_path.glob("record.db*"):
                old.unlink()
            told(tmp_path, "anew", name="second")
            lines.append(json.loads(follower.stdout.readline())["text"])
        finally:
            follower.kill()

    assert lines == ["one", "two", "three", "anew"]
