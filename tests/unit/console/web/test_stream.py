"""The stream of seconds."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from floodwall.console.web import stream as module
from tests.support.web_console import Site, console


@contextmanager
def watching(site: Site, token: str, **options: int) -> Iterator[socket.socket]:
    """Open a stream."""
    with socket.socket() as raw:
        for name, value in options.items():
            raw.setsockopt(socket.SOL_SOCKET, getattr(socket, name), value)
        raw.settimeout(10)
        raw.connect(("127.0.0.1", site.port))
        head = f"GET /api/stream HTTP/1.1\r\nhost: {site.host}\r\nauthorization: Bearer {token}"
        raw.sendall(f"{head}\r\n\r\n".encode())
        yield raw


def seconds(raw: socket.socket, count: int) -> list[dict[str, Any]]:
    """Read so many seconds."""
    taken = b""
    while taken.count(b"}\n\n") < count:
        part = raw.recv(65536)
        if not part:
            break
        taken += part
    lines = [line for line in taken.split(b"\n") if line.startswith(b"data: ")]
    return [json.loads(line[6:].strip()) for line in lines[:count]]


@pytest.mark.slow
def test_seconds_follow_each_other(site: Site) -> None:
    """The first at once, the next as the daemon looks."""
    with watching(site, site.viewer) as raw:
        first, second = seconds(raw, 2)

    assert (first["link"], second["link"]) == ("live", "live")
    assert second["live"]["at_ns"] > first["live"]["at_ns"]
    assert second["live"]["services"][0]["name"] == "*:443 nginx"


def test_nobody_watches_without_a_token(site: Site) -> None:
    """It is the same door."""
    with watching(site, "fw_nobody") as raw:
        assert raw.recv(100).split()[1] == b"401"


@pytest.mark.slow
def test_no_more_can_watch_than_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are told, and those who watch go on."""
    monkeypatch.setattr("floodwall.console.web.hub.VIEWERS_MAX", 1)
    with console(tmp_path) as site, watching(site, site.viewer) as first:
        assert seconds(first, 1)
        with watching(site, site.viewer) as second:
            assert second.recv(100).split()[1] == b"429"
        assert seconds(first, 1)


@pytest.mark.slow
def test_a_viewer_that_does_not_read_is_hung_up_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody else waits for it."""
    monkeypatch.setattr(module, "SLOW_S", 0.3)
    with console(tmp_path) as site:
        # Seconds of a quarter of a megabyte fill every buffer between us soon.
        services = site.daemon.services
        site.daemon.services = tuple(
            type(services[0])(n, "n" * 200, 1, "protect", "stack", advice="x" * 4000)
            for n in range(60)
        )
        with watching(site, site.viewer, SO_RCVBUF=4096) as slow, watching(site, site.viewer) as ok:
            until, ended = time.monotonic() + 30, False
            while not ended and time.monotonic() < until:
                assert seconds(ok, 1)
                ended = _is_reset(slow)

    assert ended


def _is_reset(raw: socket.socket) -> bool:
    return bool(raw.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR))
