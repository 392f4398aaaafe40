"""`floodwall ban`."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from floodwall.cli import ban as module
from floodwall.cli.main import main
from tests.support.fake_operator import FakeOperator


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch) -> FakeOperator:
    """Put a hand in place that only remembers."""
    made = FakeOperator(refused={"192.0.2.1/32"})
    monkeypatch.setattr(module, "hand_at_work", made.at_work)
    return made


def test_bans_last_ten_minutes(operator: FakeOperator) -> None:
    """Unless said otherwise."""
    runner = CliRunner()
    runner.invoke(main, ["ban", "203.0.113.9"])
    runner.invoke(main, ["ban", "203.0.113.0/24", "--for", "1h", "--reason", "noisy"])
    answer = runner.invoke(main, ["ban", "203.0.113.9", "--forever"])

    assert answer.exit_code == 0
    assert [told for told in operator.told if told[0] == "ban"] == [
        ("ban", "203.0.113.9/32", 600, ""),
        ("ban", "203.0.113.0/24", 3600, "noisy"),
        ("ban", "203.0.113.9/32", None, ""),
    ]


@pytest.mark.usefixtures("operator")
def test_one_refusal_stops_no_other() -> None:
    """But is told, and returned."""
    answer = CliRunner().invoke(main, ["ban", "192.0.2.1", "203.0.113.9"])

    assert answer.exit_code == 2
    assert answer.stderr == "192.0.2.1/32: not banned: 192.0.2.1/32 is protected\n"
    assert answer.stdout == "203.0.113.9/32: banned\n"


def test_caps_come_from_the_settings(operator: FakeOperator, tmp_path: Path) -> None:
    """If a file is named."""
    file = tmp_path / "floodwall.toml"
    file.write_text("[bans]\nmax_count = 7\n")
    CliRunner().invoke(main, ["ban", "203.0.113.9", "--config", str(file)])

    assert operator.told[0] == ("caps", 7)


@pytest.mark.parametrize(
    "words", [[], ["nonsense"], ["203.0.113.9/24"], ["203.0.113.9", "--for", "soon"]]
)
def test_mistakes_are_explained(operator: FakeOperator, words: list[str]) -> None:
    """And nothing is done."""
    assert CliRunner().invoke(main, ["ban", *words]).exit_code == 2
    assert operator.told == []
