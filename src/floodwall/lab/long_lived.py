"""Connections that were there before the attack: transfers and an interactive session.

Law: they speak all the time, so that a packet of theirs that is lost shows as a stall.
"""

import selectors
import socket
import time
from ipaddress import ip_address

from floodwall.lab.load import STALL_S, LongLived
from floodwall.lab.nginx import STREAM_BYTES
from floodwall.lab.tcp_info import tcp_info

TRANSFER_STEP_NS = 50_000_000  # a transfer reads a piece as often: about 300 kB/s
INTERACTIVE_STEP_NS = 100_000_000  # a person types
_PIECE_BYTES = 16384
_CONNECT_WITHIN_S = 5.0
_KEYSTROKE = b"HEAD / HTTP/1.1\r\nHost: lab\r\n\r\n"
_STREAM = b"GET /stream HTTP/1.1\r\nHost: lab\r\n\r\n"


class Session:
    """One long-lived connection; `finish` tells how it fared."""

    def __init__(self, source: str, target: str, port: int, *, interactive: bool) -> None:
        """Connect at once, and ask for the stream unless it is interactive."""
        self._interactive = interactive
        self._ipv6 = ip_address(target).version == 6
        self._connection = socket.create_connection(
            (target, port), timeout=_CONNECT_WITHIN_S, source_address=(source, 0)
        )
        self._connection.setblocking(False)
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * _PIECE_BYTES)
        if not interactive:
            self._connection.send(_STREAM)
        self._exchanges = self._received = self._resets = self._stalls = self._worst_ns = 0
        self._waiting_since: int | None = None
        self._next_ns = 0

    def next_ns(self) -> int:
        """Return when it wants to do something next."""
        return self._next_ns

    def tick(self, now: int) -> None:
        """Read a piece of the transfer, or press a key unless the last answer is still due."""
        if now < self._next_ns or self._resets:
            self._next_ns = max(self._next_ns, now + TRANSFER_STEP_NS if self._resets else 0)
            return
        self._next_ns = now + (INTERACTIVE_STEP_NS if self._interactive else TRANSFER_STEP_NS)
        try:
            self._take(now)
            if self._interactive and self._waiting_since is None:
                self._connection.send(_KEYSTROKE)
                self._waiting_since = now
        except OSError:
            self._resets = 1

    def handle(self, _connection: socket.socket) -> None:
        """Take the answer to a key as soon as it is there."""
        try:
            self._take(time.monotonic_ns())
        except OSError:
            self._resets = 1

    def watch(self, selector: selectors.BaseSelector) -> None:
        """Be told of answers; a transfer reads at its own pace instead."""
        if self._interactive:
            selector.register(self._connection, selectors.EVENT_READ, self)

    def finish(self, now: int) -> LongLived:
        """Close it and tell how it fared."""
        self._note_silence(now)
        retransmits = 0 if self._resets else tcp_info(self._connection).retransmits
        self._connection.close()
        return LongLived(
            self._interactive,
            self._ipv6,
            self._exchanges,
            self._received,
            self._resets,
            self._stalls,
            self._worst_ns,
            retransmits,
        )

    def _take(self, now: int) -> None:
        try:
            data = self._connection.recv(_PIECE_BYTES)
        except BlockingIOError:
            if not self._interactive and self._waiting_since is None:
                self._waiting_since = now
            return
        if not data and self._received < STREAM_BYTES:
            raise ConnectionResetError
        self._received += len(data)
        self._exchanges += 1
        self._note_silence(now)
        self._waiting_since = None

    def _note_silence(self, now: int) -> None:
        if self._waiting_since is None:
            return
        silent = now - self._waiting_since
        self._worst_ns = max(self._worst_ns, silent)
        self._stalls += silent > STALL_S * 1e9
