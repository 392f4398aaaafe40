"""Connections that send half a request, or nothing."""

from __future__ import annotations

import socket
import time
from pathlib import Path

import pytest

from floodwall.console.web import guard
from floodwall.console.web import patience as module
from tests.support.web_console import Site, console


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nhost: ", b"GET / HT"])
@pytest.mark.slow
def test_half_a_head_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """The connection ends; others are served meanwhile."""
    monkeypatch.setattr(module, "HEAD_S", 0.3)
    with console(tmp_path) as site, socket.create_connection(("127.0.0.1", site.port)) as raw:
        raw.settimeout(10)
        raw.sendall(sent)
        assert site.ask("/").status == 200
        assert _ends(raw)


@pytest.mark.slow
def test_the_second_request_of_a_connection_is_not_waited_for_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first one buys no patience."""
    monkeypatch.setattr(module, "HEAD_S", 0.3)
    with console(tmp_path) as site, socket.create_connection(("127.0.0.1", site.port)) as raw:
        raw.settimeout(10)
        raw.sendall(f"GET /nowhere HTTP/1.1\r\nhost: {site.host}\r\n\r\n".encode())
        assert raw.recv(4096).startswith(b"HTTP/1.1 404")
        raw.sendall(b"GET / HTTP/1.1\r\nhost")
        assert _ends(raw)


@pytest.mark.slow
def test_a_body_in_drops_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has a time as a whole."""
    monkeypatch.setattr(guard, "BODY_S", 0.3)
    with console(tmp_path) as site, socket.create_connection(("127.0.0.1", site.port)) as raw:
        raw.settimeout(10)
        raw.sendall(_head(site))
        assert raw.recv(100).split()[1] == b"408"


def test_a_head_that_is_too_long_is_refused(site: Site) -> None:
    """16 kB are enough for every browser."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=10) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nx-long: " + b"x" * 20_000)
        assert raw.recv(100).split()[1] == b"400"


def _head(site: Site) -> bytes:
    return (
        f"POST /api/bans HTTP/1.1\r\nhost: {site.host}\r\nx-floodwall: 1\r\n"
        f"authorization: Bearer {site.operator}\r\ncontent-type: application/json\r\n"
        'content-length: 40\r\n\r\n{"netw'
    ).encode()


def _ends(raw: socket.socket) -> bool:
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            if not raw.recv(65536):
                return True
        except OSError:
            return True
    return False
