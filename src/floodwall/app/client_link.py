"""One connection to the control socket, on the daemon's side: a request in, an answer out.

Law: it reads no more than the frame that it waits for, and nothing while an answer is unread, so
that a peer can make it keep one frame at most.
"""

import socket
from dataclasses import dataclass, field
from enum import StrEnum

from floodwall.app.peer import Peer
from floodwall.core.protocol import HEADER_BYTES, length_of


class Phase(StrEnum):
    """What a connection is waiting for."""

    SILENT = "a request to begin"
    READING = "the rest of a request"
    WRITING = "its answer to be read"


class Gone(Exception):  # noqa: N818  a fact about the peer, not a fault
    """The peer has closed the connection."""


@dataclass(slots=True)
class ClientLink:
    """A peer, what it has sent of its present request, and what it has not yet read."""

    connection: socket.socket
    peer: Peer
    since_ns: int
    """When the present phase began."""
    resume_ns: int = 0
    """Nothing more is read from it before that."""
    closing: bool = False
    """It is closed as soon as it has read its answer."""
    _head: bytearray = field(default_factory=bytearray)
    _body: bytearray = field(default_factory=bytearray)
    _unread: memoryview = field(default_factory=lambda: memoryview(b""))

    @property
    def phase(self) -> Phase:
        """Return what it is waiting for."""
        if self._unread:
            return Phase.WRITING
        return Phase.READING if self._head else Phase.SILENT

    def receive(self, now_ns: int) -> bytes | None:
        """Read what is there; return a request once it is whole.

        Raises Gone at the end, and ProtocolError for a length that nobody should wait for.
        """
        if len(self._head) < HEADER_BYTES:
            if not self._head:
                self.since_ns = now_ns
            self._head += self._take(HEADER_BYTES - len(self._head))
            if len(self._head) < HEADER_BYTES:
                return None
        missing = length_of(self._head) - len(self._body)
        self._body += self._take(missing)
        if len(self._body) < length_of(self._head):
            return None
        request = bytes(self._body)
        self._head, self._body = bytearray(), bytearray()
        return request

    def answer(self, frame: bytes, now_ns: int) -> None:
        """Begin to send an answer."""
        self._unread = memoryview(frame)
        self.since_ns = now_ns

    def send(self, now_ns: int) -> None:
        """Send what the peer takes; raises Gone if it takes nothing any more."""
        try:
            sent = self.connection.send(self._unread)
        except BlockingIOError:
            return
        except OSError as error:
            raise Gone from error
        self._unread = self._unread[sent:]
        if not self._unread:
            self.since_ns = now_ns

    def _take(self, count: int) -> bytes:
        try:
            taken = self.connection.recv(count)
        except BlockingIOError:
            return b""
        except OSError as error:
            raise Gone from error
        if not taken:
            raise Gone
        return taken
