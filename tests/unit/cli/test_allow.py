"""`floodwall allow`."""

import pytest
from click.testing import CliRunner

from floodwall.cli import allow as module
from floodwall.cli.main import main
from tests.support.fake_operator import FakeOperator


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch) -> FakeOperator:
    """Put a hand in place that only remembers."""
    made = FakeOperator(known={"198.51.100.7/32"})
    monkeypatch.setattr(module, "hand_at_work", made.at_work)
    return made


def test_networks_are_allowed(operator: FakeOperator) -> None:
    """Until removed, unless said otherwise."""
    CliRunner().invoke(main, ["allow", "198.51.100.7"])
    CliRunner().invoke(main, ["allow", "198.51.100.0/24", "--for", "4h", "--reason", "test"])

    assert [told for told in operator.told if told[0] == "allow"] == [
        ("allow", "198.51.100.7/32", None, ""),
        ("allow", "198.51.100.0/24", 14400, "test"),
    ]


@pytest.mark.usefixtures("operator")
def test_an_allowance_is_taken_back() -> None:
    """If there was one."""
    assert CliRunner().invoke(main, ["allow", "--remove", "198.51.100.7"]).exit_code == 0
    answer = CliRunner().invoke(main, ["allow", "--remove", "198.51.100.8"])

    assert answer.exit_code == 2
    assert "was not allowed" in answer.stderr
