"""Serves one page, /metrics, to a few clients at a time: one loop, no threads, nothing kept.

Law: nobody is waited for.  A client has so many seconds from its first byte to its last, and one
too many is closed at once.
"""

import ipaddress
import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from floodwall.console.metrics import CONTENT_TYPE
from floodwall.core.errors import ConfigError
from floodwall.kernel.closing import Closing

CLIENTS_MAX = 16
HEAD_BYTES = 8192
"""Longest request; its body is of no use to us."""

PATIENCE_S = 5.0
"""For a whole request, and for taking its whole answer."""


@dataclass(slots=True)
class _Client:
    """A connection: what it has said, and what it has not taken yet."""

    link: socket.socket
    until_s: float
    said: bytearray = field(default_factory=bytearray)
    answer: bytes = b""


class MetricsServer(Closing):
    """Listens, and answers each request with what `page` returns then."""

    def __init__(
        self,
        address: tuple[str, int],
        page: Callable[[], bytes],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Open the socket, or raise ConfigError."""
        host, port = address
        self._page = page
        self._clock = clock
        self._clients: dict[int, _Client] = {}
        # Whoever listens for this machine alone answers to no name of another: DNS rebinding.
        self._local = _is_loopback(host)
        try:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._listener = socket.create_server((host, port), family=family, backlog=CLIENTS_MAX)
        except OSError as error:
            raise ConfigError(
                f"cannot listen on {host} port {port}: {error.strerror or error}",
                hint="choose another address or port with --listen",
            ) from error
        self._listener.setblocking(False)
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)

    @property
    def port(self) -> int:
        """Return the port that was opened."""
        return int(self._listener.getsockname()[1])

    @property
    def clients(self) -> int:
        """Return how many are connected."""
        return len(self._clients)

    def serve(self, timeout_s: float) -> None:
        """Do what is to be done within so many seconds."""
        for key, _ in self._selector.select(timeout_s):
            if key.fileobj is self._listener:
                self._accept()
            else:
                self._turn(self._clients[key.fd])
        now_s = self._clock()
        for client in [each for each in self._clients.values() if each.until_s <= now_s]:
            self._drop(client)

    def close(self) -> None:
        """Close everything."""
        for client in list(self._clients.values()):
            self._drop(client)
        self._selector.close()
        self._listener.close()

    def _accept(self) -> None:
        try:
            link, _ = self._listener.accept()
        except OSError:
            return
        if len(self._clients) >= CLIENTS_MAX:
            link.close()
            return
        link.setblocking(False)
        self._clients[link.fileno()] = _Client(link, self._clock() + PATIENCE_S)
        self._selector.register(link, selectors.EVENT_READ)

    def _turn(self, client: _Client) -> None:
        try:
            if client.answer:
                client.answer = client.answer[client.link.send(client.answer) :]
                if not client.answer:
                    self._drop(client)
            else:
                self._read(client)
        except BlockingIOError:
            return
        except OSError:
            self._drop(client)

    def _read(self, client: _Client) -> None:
        part = client.link.recv(HEAD_BYTES)
        client.said += part
        head, end, _ = bytes(client.said).partition(b"\r\n\r\n")
        if not part:
            self._drop(client)
        elif end or len(client.said) > HEAD_BYTES:
            client.answer = self._answer(head if end else None)
            client.until_s = self._clock() + PATIENCE_S
            self._selector.modify(client.link, selectors.EVENT_WRITE)

    def _answer(self, head: bytes | None) -> bytes:
        if head is None:
            return _response(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
        first, *lines = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return _response(HTTPStatus.BAD_REQUEST)
        method, path, _ = words
        hosts = [line[5:].strip() for line in lines if line[:5].lower() == "host:"]
        if self._local and not all(_is_local(host) for host in hosts):
            return _response(HTTPStatus.MISDIRECTED_REQUEST)
        if path.partition("?")[0] != "/metrics":
            return _response(HTTPStatus.NOT_FOUND)
        if method not in {"GET", "HEAD"}:
            return _response(HTTPStatus.METHOD_NOT_ALLOWED, more="Allow: GET, HEAD\r\n")
        return _response(HTTPStatus.OK, self._page(), bodiless=method == "HEAD")

    def _drop(self, client: _Client) -> None:
        del self._clients[client.link.fileno()]
        self._selector.unregister(client.link)
        client.link.close()


def parse_listen(text: str) -> tuple[str, int]:
    """Read ADDR:PORT or PORT; without an address it is the loopback one."""
    host, _, port = text.rpartition(":")
    host = host.removeprefix("[").removesuffix("]") or "127.0.0.1"
    try:
        ipaddress.ip_address(host)
        number = int(port)
    except ValueError:
        number = -1
    if not 0 <= number <= 65535:
        raise ConfigError(f"{text!r} is no address to listen on", hint="write 127.0.0.1:9824")
    return host, number


def _is_loopback(host: str) -> bool:
    return ipaddress.ip_address(host).is_loopback


def _is_local(host: str) -> bool:
    """Tell whether a Host header, with or without a port, means this machine's loopback."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    try:
        return name == "localhost" or _is_loopback(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False


def _response(
    status: HTTPStatus, page: bytes | None = None, *, bodiless: bool = False, more: str = ""
) -> bytes:
    body = f"{status.value} {status.phrase}\n".encode() if page is None else page
    kind = "text/plain; charset=utf-8" if page is None else CONTENT_TYPE
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n{more}"
        "X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + (b"" if bodiless else body)
