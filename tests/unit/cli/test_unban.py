"""`floodwall unban`."""

import pytest
from click.testing import CliRunner

from floodwall.cli import unban as module
from floodwall.cli.main import main
from tests.support.fake_operator import FakeOperator


def test_only_what_was_banned_is_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The rest is told."""
    monkeypatch.setattr(module, "hand_at_work", FakeOperator(known={"203.0.113.9/32"}).at_work)
    answer = CliRunner().invoke(main, ["unban", "203.0.113.9", "203.0.113.8"])

    assert answer.exit_code == 2
    assert answer.stdout == "203.0.113.9/32: no longer banned\n"
    assert "was not banned" in answer.stderr
    assert CliRunner().invoke(main, ["unban", "203.0.113.9"]).exit_code == 0
