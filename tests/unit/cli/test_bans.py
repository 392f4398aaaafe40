"""`floodwall bans`."""

import json

import pytest
from click.testing import CliRunner

from floodwall.app.operator import AllowedRow, BanRow
from floodwall.cli import bans as module
from floodwall.cli.main import main
from tests.support.fake_operator import FakeOperator

SINCE = "2026-11-20T18:00:00+00:00"


@pytest.fixture
def operator(monkeypatch: pytest.MonkeyPatch) -> FakeOperator:
    """Put a hand in place that knows two bans and an allowance."""
    made = FakeOperator(
        ban_rows=[
            BanRow("203.0.113.9/32", 545.0, 1234, SINCE, "noisy"),
            BanRow("2001:db8::/48", None, 0, "", ""),
        ],
        allowed_rows=[AllowedRow("198.51.100.7/32", None, SINCE, "ours")],
    )
    monkeypatch.setattr(module, "hand_at_work", made.at_work)
    return made


@pytest.mark.usefixtures("operator")
def test_they_are_listed_for_a_reader() -> None:
    """Until when, how often hit, and why."""
    assert CliRunner().invoke(main, ["bans"]).stdout.splitlines() == [
        "banned   203.0.113.9/32  for 9m 5s  1,234 hits  noisy",
        "banned   2001:db8::/48  until lifted  0 hits",
        "allowed  198.51.100.7/32  until taken back  ours",
    ]


@pytest.mark.usefixtures("operator")
def test_they_are_listed_for_a_program() -> None:
    """With the same facts."""
    told = json.loads(CliRunner().invoke(main, ["bans", "--json"]).stdout)

    assert told["bans"][0]["hits"] == 1234
    assert told["allowed"][0]["reason"] == "ours"


def test_nobody_is_an_answer(operator: FakeOperator) -> None:
    """Not an empty page."""
    operator.ban_rows, operator.allowed_rows = [], []

    assert CliRunner().invoke(main, ["bans"]).stdout == "nobody is banned\n"


def test_a_ban_of_somebody_allowed_has_no_effect(operator: FakeOperator) -> None:
    """It is listed, and comes back when the word is taken back; of a network a part is left."""
    operator.allowed_rows = [
        AllowedRow("203.0.113.0/28", None, SINCE, ""),
        AllowedRow("2001:db8::7/128", None, SINCE, ""),
    ]
    lines = CliRunner().invoke(main, ["bans"]).stdout.splitlines()

    assert lines[0] == (
        "banned   203.0.113.9/32  for 9m 5s  1,234 hits, without effect: it is allowed  noisy"
    )
    assert lines[1] == "banned   2001:db8::/48  until lifted  0 hits"
