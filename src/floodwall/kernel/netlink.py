"""Requests and dumps over a raw netlink socket, and the attributes of their answers."""

import contextlib
import errno
import socket
import struct
from collections.abc import Iterator
from types import TracebackType
from typing import Self

from floodwall.kernel.failure import kernel_error

HEADER = struct.Struct("=IHHII")  # struct nlmsghdr: len, type, flags, seq, pid
_ATTRIBUTE = struct.Struct("=HH")  # struct nlattr: len, type
_ERROR = struct.Struct("=i")
_TYPE_MASK = 0x3FFF  # the two bits above are NLA_F_NESTED and NLA_F_NET_BYTEORDER
_REQUEST = 1
_DUMP = 0x300
_DUMP_INTERRUPTED = 0x10
_MESSAGE_ERROR = 2
_MESSAGE_DONE = 3
_SO_RCVBUFFORCE = 33
_BUFFER = 4 * 1024 * 1024
_READ = 64 * 1024  # the kernel fills at most 32 KiB a read
_ATTEMPTS = 5
_AGAIN = frozenset({errno.ENOBUFS, errno.EINTR})


class Netlink:
    """A socket of one netlink family, such as NETLINK_ROUTE."""

    def __init__(self, protocol: int, name: str) -> None:
        """Open the socket in the network namespace of this thread."""
        self._name = name
        try:
            self._socket = socket.socket(
                socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol
            )
        except OSError as error:
            raise kernel_error("open netlink socket", error.errno or 0, name) from error
        with contextlib.suppress(OSError):  # needs CAP_NET_ADMIN; the default size works too
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)

    def dump(self, kind: int, body: bytes) -> list[memoryview]:
        """Return the bodies of all answers; begin again when the kernel says that it lost some."""
        for _ in range(_ATTEMPTS):
            self._send([_message(kind, _REQUEST | _DUMP, body)])
            try:
                whole, found = self._collect()
            except OSError as error:
                if error.errno not in _AGAIN:
                    raise kernel_error("dump", error.errno or 0, self._name) from error
                self._drain()
                continue
            if whole:
                return found
        hint = f"it changed or overflowed in {_ATTEMPTS} dumps in a row"
        raise kernel_error("dump", errno.EAGAIN, self._name, hint=hint)

    def perform(self, kind: int, bodies: list[bytes]) -> list[int]:
        """Send commands in one go; return the errnos of those that the kernel refused."""
        self._send([_message(kind, _REQUEST, body) for body in bodies])
        refused: list[int] = []
        for message, body in self._waiting():
            if message == _MESSAGE_ERROR:
                refused.append(-int(_ERROR.unpack_from(body)[0]))
        return [code for code in refused if code]

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def __enter__(self) -> Self:
        """Return the socket itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the socket."""
        self.close()

    def _send(self, messages: list[bytes]) -> None:
        try:
            self._socket.send(b"".join(messages))
        except OSError as error:
            raise kernel_error("ask", error.errno or 0, self._name) from error

    def _collect(self) -> tuple[bool, list[memoryview]]:
        """Read one dump to its end; say whether nothing changed under it."""
        found: list[memoryview] = []
        whole = True
        while True:
            view = memoryview(self._socket.recv(_READ))
            for kind, flags, body in _messages(view):
                if flags & _DUMP_INTERRUPTED:
                    whole = False
                if kind == _MESSAGE_DONE:
                    return whole, found
                if kind == _MESSAGE_ERROR:
                    code = -int(_ERROR.unpack_from(body)[0])
                    raise kernel_error("dump", code, self._name)
                found.append(body)

    def _waiting(self) -> Iterator[tuple[int, memoryview]]:
        """Yield what has been answered already; the kernel answers commands while we send."""
        while True:
            try:
                view = memoryview(self._socket.recv(_READ, socket.MSG_DONTWAIT))
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise kernel_error("read", error.errno or 0, self._name) from error
                continue
            for kind, _, body in _messages(view):
                yield kind, body

    def _drain(self) -> None:
        for _ in self._waiting():
            pass


def attributes(view: memoryview, offset: int) -> dict[int, memoryview]:
    """Return the attributes behind a fixed part of `offset` bytes, by type."""
    found: dict[int, memoryview] = {}
    while offset + _ATTRIBUTE.size <= len(view):
        length, kind = _ATTRIBUTE.unpack_from(view, offset)
        if length < _ATTRIBUTE.size:
            break
        found[kind & _TYPE_MASK] = view[offset + _ATTRIBUTE.size : offset + length]
        offset += (length + 3) & ~3
    return found


def _message(kind: int, flags: int, body: bytes) -> bytes:
    padding = bytes(-len(body) % 4)
    return HEADER.pack(HEADER.size + len(body), kind, flags, 1, 0) + body + padding


def _messages(view: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Yield type, flags and body of each message of one read."""
    at = 0
    while at + HEADER.size <= len(view):
        length, kind, flags, _, _ = HEADER.unpack_from(view, at)
        yield kind, flags, view[at + HEADER.size : at + length]
        at += (length + 3) & ~3
