"""`floodwall off` tells what it did."""

import json

import pytest
from click.testing import CliRunner

from floodwall.cli import off as module
from floodwall.cli.main import main


def test_what_was_done_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line each, or a list for programs."""
    monkeypatch.setattr(module, "switch_off", lambda: iter(["one", "two"]))

    assert CliRunner().invoke(main, ["off"]).stdout == "one\ntwo\n"
    assert json.loads(CliRunner().invoke(main, ["off", "--json"]).stdout) == {
        "done": ["one", "two"]
    }
