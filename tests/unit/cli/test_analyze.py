"""`floodwall analyze`."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from floodwall.cli.main import main
from tests.support.evidence import golden_log


def run(*words: str, given: str = "") -> Result:
    """Run the verb."""
    return CliRunner().invoke(main, ["analyze", *words], input=given)


@pytest.fixture
def log(tmp_path: Path) -> str:
    """Write a log of a flood."""
    file = tmp_path / "kern.log"
    file.write_text(golden_log(seconds=600, addresses=30).text)
    return str(file)


def test_the_exit_code_tells_an_attack(log: str, tmp_path: Path) -> None:
    """1 found, 0 not found, 2 nothing to read."""
    quiet = tmp_path / "quiet.log"
    quiet.write_text("Feb 28 09:27:37 nap1 kernel: eth0: link up\n")
    assert run(log).exit_code == 1
    assert run(str(quiet)).exit_code == 0
    assert run(str(tmp_path / "gone")).exit_code == 2


def test_a_bad_file_does_not_hide_the_good_one(log: str, tmp_path: Path) -> None:
    """Its error stands in its input."""
    answer = run("--json", str(tmp_path / "gone"), log)
    made = json.loads(answer.stdout)
    assert answer.exit_code == 1
    assert [bool(item["errors"]) for item in made["inputs"]] == [True, False]


def test_the_standard_input_is_read() -> None:
    """By the name of a dash."""
    answer = run("--json", "--year", "2004", "-", given=golden_log(seconds=60).text)
    assert json.loads(answer.stdout)["verdict"] == "syn_flood"


def test_filters_narrow(log: str) -> None:
    """By time; a time without zone is in the zone that is said."""
    since = "2004-02-28T07:48:10"
    made = json.loads(
        run("--json", "--year", "2004", "--zone", "Europe/Berlin", "--since", since, log).stdout
    )
    whole = json.loads(run("--json", "--year", "2004", log).stdout)
    few, many = (one["findings"][0]["requests"]["observed"] for one in (made, whole))
    assert 0 < few < many


@pytest.mark.parametrize(
    "words", [("--zone", "Nowhere/At_all"), ("--since", "soon"), ("--source", "x"), ()]
)
def test_wrong_words_are_the_operators_mistake(words: tuple[str, ...]) -> None:
    """Told with exit code 2."""
    assert run(*words).exit_code == 2
