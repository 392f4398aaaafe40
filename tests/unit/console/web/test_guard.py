"""What every request must pass."""

from __future__ import annotations

import socket

import pytest

from floodwall.console.web.guard import BODY_MAX, HEADERS, Names
from tests.support.web_console import Site

BODY = {"networks": ["203.0.113.9"]}


@pytest.mark.parametrize(
    ("host", "port", "more", "asked", "known"),
    [
        ("127.0.0.1", 7380, (), "localhost:7380", True),
        ("127.0.0.1", 7380, (), "LOCALHOST:7380", True),
        ("127.0.0.1", 7380, (), "[::1]:7380", True),
        ("127.0.0.1", 7380, (), "localhost", False),
        ("127.0.0.1", 80, (), "localhost", True),
        ("127.0.0.1", 7380, (), "evil.example:7380", False),
        ("127.0.0.1", 7380, (), "127.0.0.1.evil.example:7380", False),
        ("127.0.0.1", 7380, (), "localhost:7381", False),
        ("127.0.0.1", 7380, (), "", False),
        ("127.0.0.1", 7380, ("fw.example.org",), "FW.example.org", True),
        ("2001:db8::1", 7380, (), "[2001:db8::1]:7380", True),
        ("192.0.2.1", 7380, (), "localhost:7380", False),
    ],
)
def test_names(host: str, port: int, more: tuple[str, ...], asked: str, *, known: bool) -> None:
    """Of loopback all, of any other address itself, and what a proxy is called."""
    assert Names(host, port, more).knows(asked) is known


@pytest.mark.parametrize("host", ["evil.example", "evil.example:{port}", "127.0.0.1:1", ""])
@pytest.mark.parametrize("path", ["/", "/api/snapshot", "/static/app.js", "/api/stream"])
def test_a_rebound_name_is_refused(site: Site, host: str, path: str) -> None:
    """Even with a token that is right."""
    headers = {"host": host.format(port=site.port)}
    assert site.ask(path, token=site.operator, headers=headers).status == 421


def test_two_hosts_are_refused(site: Site) -> None:
    """Nobody needs them but who wants to confuse a proxy."""
    with socket.create_connection(("127.0.0.1", site.port), timeout=5) as raw:
        raw.sendall(f"GET / HTTP/1.1\r\nhost: {site.host}\r\nhost: evil\r\n\r\n".encode())
        assert raw.recv(100).split()[1] in {b"400", b"421"}


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:1"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"x-floodwall": None},
    ],
)
def test_what_another_site_makes_a_browser_send_is_refused(
    site: Site, headers: dict[str, str | None]
) -> None:
    """With the operator's token, and nothing is done."""
    asked = len(site.daemon.asked)
    assert site.ask("/api/bans", BODY, token=site.operator, headers=headers).status == 403
    assert len(site.daemon.asked) == asked


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_a_form_is_no_request(site: Site, kind: str | None) -> None:
    """A form of another site needs no permission to be sent."""
    headers = {"content-type": kind}
    assert site.ask("/api/bans", BODY, token=site.operator, headers=headers).status == 415


def test_our_own_page_may_ask(site: Site) -> None:
    """As a browser sends it."""
    headers = {"origin": site.url, "sec-fetch-site": "same-origin"}
    assert site.ask("/api/bans", BODY, token=site.operator, headers=headers).status == 200


@pytest.mark.parametrize("path", ["/", "/static/app.js", "/api/snapshot", "/nowhere", "/api/bans"])
def test_every_answer_carries_the_headers(site: Site, path: str) -> None:
    """Refusals, too."""
    for headers in ({}, {"host": "evil.example"}):
        reply = site.ask(path, headers=headers)
        for name, value in HEADERS.items():
            assert reply.headers[name] == value
        assert "server" not in {name.lower() for name in reply.headers}


def test_scripts_come_from_here_alone() -> None:
    """Nothing inline, no other site, no frame, no plug-in."""
    policy = HEADERS["content-security-policy"]
    assert "unsafe" not in policy
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "*" not in policy


def test_a_body_that_is_too_large_is_refused(site: Site) -> None:
    """By what it says of itself, and by what comes."""
    large = b'{"networks": ["' + b"1" * BODY_MAX + b'"]}'
    assert site.ask("/api/bans", large, token=site.operator).status == 413
    with socket.create_connection(("127.0.0.1", site.port), timeout=5) as raw:
        head = (
            f"POST /api/bans HTTP/1.1\r\nhost: {site.host}\r\nx-floodwall: 1\r\n"
            f"authorization: Bearer {site.operator}\r\ncontent-type: application/json\r\n"
            "transfer-encoding: chunked\r\n\r\n"
        )
        raw.sendall(head.encode())
        chunk = b"%x\r\n%s\r\n" % (30_000, b" " * 30_000)
        for _ in range(6):
            raw.sendall(chunk)
        assert raw.recv(100).split()[1] == b"413"
