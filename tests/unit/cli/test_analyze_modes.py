"""What `floodwall analyze` does instead of one account."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from floodwall.cli.main import main
from tests.support.evidence import golden_log


def run(*words: str | Path) -> Result:
    """Run the verb."""
    return CliRunner().invoke(main, ["analyze", "--year", "2004", *map(str, words)])


@pytest.fixture
def logs(tmp_path: Path) -> list[Path]:
    """Write the logs of two floods."""
    files = [tmp_path / name for name in ("a.log", "b.log")]
    for seed, file in enumerate(files):
        file.write_text(golden_log(seed, seconds=300, addresses=30).text)
    return files


def test_two_attacks_are_compared(logs: list[Path]) -> None:
    """In a table, or for programs; an attack is an attack."""
    told = run("--compare", *logs)
    assert (told.exit_code, "both are called syn_flood" in told.stdout) == (1, True)
    made = json.loads(run("--json", "--compare", *logs).stdout)
    assert [made[side]["path"] for side in "ab"] == [str(file) for file in logs]


def test_what_cannot_be_read_cannot_be_compared(logs: list[Path], tmp_path: Path) -> None:
    """Which one it is, is told."""
    answer = run("--compare", logs[0], tmp_path / "gone.log")
    assert answer.exit_code == 2
    assert "gone.log cannot be read" in answer.stderr


@pytest.mark.parametrize("words", [("more.log",), ("--html", "x.html"), ("--replay",)])
def test_a_comparison_is_made_alone(logs: list[Path], words: tuple[str, ...]) -> None:
    """No word of the operator is silently left out."""
    answer = run("--compare", *logs, *words)
    assert (answer.exit_code, answer.stdout) == (2, "")
