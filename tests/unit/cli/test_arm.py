"""`floodwall arm`."""

from __future__ import annotations

import json
from typing import Any, Self

import pytest
from click.testing import CliRunner

from floodwall.cli import arm as module
from floodwall.cli.main import main


class FakeClient:
    """A daemon that agrees."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def ask(self, verb: str, **arguments: Any) -> dict[str, Any]:
        """Remember, and answer."""
        self.asked.append((verb, arguments))
        return {"names": ["*:443 nginx"]}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


def test_the_daemon_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """And its answer told, also to programs."""
    client = FakeClient()
    monkeypatch.setattr(module, "Client", lambda: client)

    assert CliRunner().invoke(main, ["arm", "443", "--for", "1h"]).stdout == (
        "*:443 nginx: armed for 1h\n"
    )
    assert client.asked == [("arm", {"service": "443", "for_s": 3600})]
    told = CliRunner().invoke(main, ["arm", "443", "--for", "1h", "--json"]).stdout
    assert json.loads(told) == {"names": ["*:443 nginx"]}
