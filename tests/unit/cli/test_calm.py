"""`floodwall calm`."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from floodwall.cli import calm as module
from floodwall.cli.main import main
from tests.support.fake_client import FakeClient

ANSWER = {"names": ["*:443 nginx"]}


def test_the_daemon_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """And its answer told, also to programs."""
    client = FakeClient(ANSWER)
    monkeypatch.setattr(module, "Client", lambda: client)

    assert CliRunner().invoke(main, ["calm", "443"]).stdout == (
        "*:443 nginx: calm until it must be armed again\n"
    )
    assert client.asked == [("calm", {"service": "443"})]
    told = CliRunner().invoke(main, ["calm", "443", "--json"]).stdout
    assert json.loads(told) == ANSWER
