"""Requests with the daemon."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from floodwall.app.client import Client
from floodwall.console.web import asker as module
from floodwall.console.web.asker import Asker, BusyError, Cached
from floodwall.core.protocol import SOCKET
from tests.support.fake_daemon import serving
from tests.support.fake_desk import FakeDesk


def test_who_is_logged_in_is_said_with_the_request(tmp_path: Path) -> None:
    """It goes into the decision."""
    desk = FakeDesk()

    async def play() -> dict[str, Any]:
        asker = Asker(lambda: Client(tmp_path / SOCKET, 2.0))
        return await asker.ask("anna", "unban", networks=["203.0.113.9"])

    with serving(tmp_path, desk.verbs()):
        told = asyncio.run(play())
    assert told == {"refused": {}}
    assert desk.asked[0][:2] == ("anna", "unban")


def test_a_line_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes when it is full is told at once."""
    monkeypatch.setattr(module, "WAITING_MAX", 0)

    def never() -> Client:
        raise AssertionError

    with pytest.raises(BusyError):
        asyncio.run(Asker(never).ask("anna", "bans"))


def test_what_takes_long_is_found_once() -> None:
    """And again when it is old."""
    now_s, found = [0.0], list[int]()

    def find() -> dict[str, object]:
        found.append(1)
        return {"n": len(found)}

    cached = Cached(find, 60.0, lambda: now_s[0])
    assert (cached.get(), cached.get()) == ({"n": 1}, {"n": 1})
    now_s[0] = 61.0
    assert cached.get() == {"n": 2}
