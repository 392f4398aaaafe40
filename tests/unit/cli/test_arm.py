"""`floodwall arm`."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from floodwall.cli import arm as module
from floodwall.cli.main import main
from tests.support.fake_client import FakeClient

ANSWER = {"names": ["*:443 nginx"], "when_full": []}


def test_the_daemon_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """And its answer told, also to programs."""
    client = FakeClient(ANSWER)
    monkeypatch.setattr(module, "Client", lambda: client)

    assert CliRunner().invoke(main, ["arm", "443", "--for", "1h"]).stdout == (
        "*:443 nginx: armed for 1h\n"
    )
    assert client.asked == [("arm", {"service": "443", "for_s": 3600})]
    told = CliRunner().invoke(main, ["arm", "443", "--for", "1h", "--json"]).stdout
    assert json.loads(told) == ANSWER


def test_what_the_kernel_challenges_later_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its cookies are made only while the queue is full."""
    client = FakeClient({"names": ["*:80 go", "*:443 nginx"], "when_full": ["*:80 go"]})
    monkeypatch.setattr(module, "Client", lambda: client)

    assert CliRunner().invoke(main, ["arm", "443"]).stdout.splitlines() == [
        "*:80 go: armed for 10m, by the kernel's cookies: while its queue is full",
        "*:443 nginx: armed for 10m",
    ]
