"""One page for a few clients, whoever they are."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator

import pytest

from floodwall.console.metrics_server import (
    CLIENTS_MAX,
    HEAD_BYTES,
    PATIENCE_S,
    MetricsServer,
    parse_listen,
)
from floodwall.core.errors import ConfigError

PAGE = b"floodwall_up 1\n" * 40_000


class Stand:
    """A server with a clock of the test's own."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.asked = 0
        self.server = MetricsServer(("127.0.0.1", 0), self.page, lambda: self.now_s)

    def page(self) -> bytes:
        """Count how often it is asked."""
        self.asked += 1
        return PAGE

    def connect(self) -> socket.socket:
        """Connect a client."""
        client = socket.create_connection(("127.0.0.1", self.server.port), 5)
        client.settimeout(0.01)
        return client

    def until(self, met: Callable[[], bool]) -> None:
        """Serve until something is as it should be."""
        deadline_s = time.monotonic() + 20
        while not met():
            assert time.monotonic() < deadline_s
            self.server.serve(0.01)

    def read(self, client: socket.socket) -> bytes:
        """Read to the end while the server goes on."""
        taken = bytearray()

        def ended() -> bool:
            try:
                part = client.recv(1 << 16)
            except TimeoutError:
                return False
            except ConnectionResetError:
                return True
            taken.extend(part)
            return not part

        self.until(ended)
        return bytes(taken)

    def ask(self, request: bytes) -> bytes:
        """Send a request, and return the whole answer."""
        with self.connect() as client:
            client.sendall(request)
            return self.read(client)


@pytest.fixture
def stand() -> Iterator[Stand]:
    """A server on a free port of loopback."""
    found = Stand()
    with found.server:
        yield found


def test_a_scrape_gets_the_page(stand: Stand) -> None:
    """Whole, with its length and the type that Prometheus expects."""
    answer = stand.ask(b"GET /metrics HTTP/1.1\r\nHost: localhost:9824\r\n\r\n")
    head, _, body = answer.partition(b"\r\n\r\n")

    assert head.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Content-Type: text/plain; version=0.0.4; charset=utf-8" in head
    assert body == PAGE
    assert stand.server.clients == 0


def test_head_gets_the_head_alone(stand: Stand) -> None:
    """With the length that the page would have."""
    answer = stand.ask(b"HEAD /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")

    assert answer.endswith(b"\r\n\r\n")
    assert f"Content-Length: {len(PAGE)}".encode() in answer


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", b"404"),
        (b"GET /../../etc/passwd HTTP/1.1\r\n\r\n", b"404"),
        (b"POST /metrics HTTP/1.1\r\n\r\n", b"405"),
        (b"GET /metrics\r\n\r\n", b"400"),
        (b"\xff\xfe\x00 \x01 HTTP/9\r\n\r\n", b"400"),
        (b"GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n", b"421"),
        (b"GET /metrics HTTP/1.1\r\nhost:[::2]:9824\r\n\r\n", b"421"),
        (b"GET /metrics HTTP/1.1\r\nX: " + b"x" * (HEAD_BYTES + 1), b"431"),
    ],
)
def test_anything_else_is_refused(stand: Stand, request_: bytes, status: bytes) -> None:
    """Other pages, other methods, other names (DNS rebinding), nonsense, endless heads."""
    assert stand.ask(request_).split(b" ")[1] == status
    assert stand.asked == 0


@pytest.mark.parametrize("said", [b"", b"GET /metr"])
def test_a_client_that_says_nothing_is_dropped(stand: Stand, said: bytes) -> None:
    """Also one that sends a byte now and then: the whole request has one time."""
    with stand.connect() as client:
        client.sendall(said)
        stand.until(lambda: stand.server.clients == 1)
        stand.now_s += PATIENCE_S - 1
        client.sendall(b"x")
        stand.server.serve(0.01)
        assert stand.server.clients == 1
        stand.now_s += 1
        stand.until(lambda: stand.server.clients == 0)
        assert stand.read(client) == b""


def test_a_client_that_reads_nothing_is_dropped(stand: Stand) -> None:
    """And holds up nobody meanwhile."""
    with stand.connect() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
        slow.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        stand.until(lambda: stand.asked == 1)
        assert stand.ask(b"GET /metrics HTTP/1.1\r\n\r\n").endswith(PAGE)
        if stand.server.clients:
            stand.now_s += PATIENCE_S
        stand.until(lambda: stand.server.clients == 0)


def test_one_too_many_is_closed_at_once(stand: Stand) -> None:
    """The others stay; when they have left there is room again."""
    clients = [stand.connect() for _ in range(CLIENTS_MAX)]
    stand.until(lambda: stand.server.clients == CLIENTS_MAX)
    with stand.connect() as late:
        assert stand.read(late) == b""
    assert stand.server.clients == CLIENTS_MAX
    for client in clients:
        client.close()
    stand.until(lambda: stand.server.clients == 0)
    assert stand.ask(b"GET /metrics HTTP/1.0\r\n\r\n").endswith(PAGE)


def test_a_name_of_another_is_fine_where_everybody_may_ask() -> None:
    """Only whoever listens for this machine alone refuses other names."""
    with MetricsServer(("0.0.0.0", 0), lambda: b"") as server:
        assert b"404" in server._answer(b"GET / HTTP/1.1\r\nHost: web1.example")


def test_a_port_that_is_taken_is_told(stand: Stand) -> None:
    """In one sentence."""
    with pytest.raises(ConfigError, match=r"cannot listen on 127\.0\.0\.1 port"):
        MetricsServer(("127.0.0.1", stand.server.port), lambda: b"")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("9824", ("127.0.0.1", 9824)),
        (":0", ("127.0.0.1", 0)),
        ("0.0.0.0:9824", ("0.0.0.0", 9824)),
        ("[::1]:9824", ("::1", 9824)),
    ],
)
def test_without_an_address_it_is_the_loopback_one(text: str, address: tuple[str, int]) -> None:
    """Nobody else is let in by accident."""
    assert parse_listen(text) == address


@pytest.mark.parametrize("text", ["", "x", "localhost:1", "127.0.0.1:", "1.2.3.4:65536", ":-1"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """A name would need a resolver, which may be what is flooded."""
    with pytest.raises(ConfigError, match="no address to listen on"):
        parse_listen(text)
