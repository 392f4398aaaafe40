"""Requests and dumps over a raw netlink socket, and the attributes of their answers."""

import contextlib
import errno
import socket
import struct
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from floodwall.kernel.closing import Closing
from floodwall.kernel.failure import kernel_error

HEADER = struct.Struct("=IHHII")  # struct nlmsghdr: len, type, flags, seq, pid
_ATTRIBUTE = struct.Struct("=HH")  # struct nlattr: len, type
_ERROR = struct.Struct("=i")
_ALIKE = 8  # bytes of a header that say length, type and flags
_TYPE_MASK = 0x3FFF  # the two bits above are NLA_F_NESTED and NLA_F_NET_BYTEORDER
_REQUEST = 1
_ACK = 4
_DUMP = 0x300
_DUMP_INTERRUPTED = 0x10
_MESSAGE_ERROR = 2
_MESSAGE_DONE = 3
_SO_RCVBUFFORCE = 33
_SOL_NETLINK, _GET_STRICT_CHK = 270, 12
_BUFFER = 4 * 1024 * 1024
_READ = 64 * 1024  # the kernel fills at most 32 KiB a read
_ATTEMPTS = 5
_ACKNOWLEDGED = 128  # commands at a time: their answers fit a small receive buffer
_AGAIN = frozenset({errno.ENOBUFS, errno.EINTR})


@dataclass(slots=True)
class Losses:
    """How often the kernel said that it lost answers to us (ENOBUFS)."""

    count: int = 0


_LOSSES: Final[ContextVar[Losses | None]] = ContextVar("losses", default=None)


@contextlib.contextmanager
def counting_losses() -> Iterator[Losses]:
    """Count what is lost while a block runs, whoever opens sockets in it."""
    losses = Losses()
    token = _LOSSES.set(losses)
    try:
        yield losses
    finally:
        _LOSSES.reset(token)


@dataclass(frozen=True, slots=True)
class Run:
    """Messages of one type, flags and length side by side, `step` bytes apart, with headers."""

    kind: int
    flags: int
    length: int
    step: int
    data: memoryview

    def bodies(self) -> Iterator[memoryview]:
        """Yield each message without its header."""
        for start in range(0, len(self.data), self.step):
            yield self.data[start + HEADER.size : start + self.length]


class Netlink(Closing):
    """A socket of one netlink family, such as NETLINK_ROUTE."""

    def __init__(self, protocol: int, name: str, *, strict: bool = False) -> None:
        """Open the socket in the network namespace of this thread.

        `strict` lets the kernel obey what a dump asks for, like one routing table alone.
        Minimum kernel: 4.20; before, all is dumped.
        """
        self._name = name
        try:
            self._socket = socket.socket(
                socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, protocol
            )
        except OSError as error:
            raise kernel_error("open netlink socket", error.errno or 0, name) from error
        with contextlib.suppress(OSError):  # needs CAP_NET_ADMIN; the default size works too
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _BUFFER)
        if strict:
            with contextlib.suppress(OSError):
                self._socket.setsockopt(_SOL_NETLINK, _GET_STRICT_CHK, 1)

    def dump(self, kind: int, body: bytes) -> list[memoryview]:
        """Return the bodies of all answers."""
        return [answer for run in self.runs(kind, body) for answer in run.bodies()]

    def runs(self, kind: int, body: bytes) -> list[Run]:
        """Return all answers in runs; begin again when the kernel says that it lost some."""
        for _ in range(_ATTEMPTS):
            self._send([_message(kind, _REQUEST | _DUMP, body)])
            try:
                whole, found = self._collect()
            except OSError as error:
                if error.errno not in _AGAIN:
                    raise kernel_error("dump", error.errno or 0, self._name) from error
                _note(error)
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
        for run in self._waiting():
            if run.kind == _MESSAGE_ERROR:
                refused.extend(-int(_ERROR.unpack_from(body)[0]) for body in run.bodies())
        return [code for code in refused if code]

    def change(self, kind: int, flags: int, bodies: list[bytes]) -> list[int]:
        """Send commands and wait until each was carried out; return an errno or 0 for each."""
        answers: list[int] = []
        for start in range(0, len(bodies), _ACKNOWLEDGED):
            chunk = bodies[start : start + _ACKNOWLEDGED]
            self._send([_message(kind, _REQUEST | _ACK | flags, body) for body in chunk])
            wanted = len(answers) + len(chunk)
            while len(answers) < wanted:
                answers += [
                    -int(_ERROR.unpack_from(body)[0])
                    for run in split(self._read())
                    if run.kind == _MESSAGE_ERROR
                    for body in run.bodies()
                ]
        return answers

    def ask(self, kind: int, body: bytes) -> list[memoryview]:
        """Return the bodies of the one message that answers a question, or raise its error."""
        self._send([_message(kind, _REQUEST, body)])
        found: list[memoryview] = []
        for run in split(self._read()):
            if run.kind == _MESSAGE_ERROR:
                code = -int(_ERROR.unpack_from(run.data, HEADER.size)[0])
                raise kernel_error("ask", code, self._name)
            found.extend(run.bodies())
        return found

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _send(self, messages: list[bytes]) -> None:
        try:
            self._socket.send(b"".join(messages))
        except OSError as error:
            raise kernel_error("ask", error.errno or 0, self._name) from error

    def _read(self) -> bytes:
        try:
            return self._socket.recv(_READ)
        except OSError as error:
            raise kernel_error("read", error.errno or 0, self._name) from error

    def _collect(self) -> tuple[bool, list[Run]]:
        """Read one dump to its end; say whether nothing changed under it."""
        found: list[Run] = []
        whole = True
        while True:
            for run in split(self._socket.recv(_READ)):
                whole &= not run.flags & _DUMP_INTERRUPTED
                if run.kind == _MESSAGE_DONE:
                    return whole, found
                if run.kind == _MESSAGE_ERROR:
                    code = -int(_ERROR.unpack_from(run.data, HEADER.size)[0])
                    raise kernel_error("dump", code, self._name)
                found.append(run)

    def _waiting(self) -> Iterator[Run]:
        """Yield what has been answered already; the kernel answers commands while we send."""
        while True:
            try:
                read = self._socket.recv(_READ, socket.MSG_DONTWAIT)
            except BlockingIOError:
                return
            except OSError as error:
                if error.errno != errno.ENOBUFS:
                    raise kernel_error("read", error.errno or 0, self._name) from error
                _note(error)
                continue
            yield from split(read)

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


def _note(error: OSError) -> None:
    losses = _LOSSES.get()
    if losses is not None and error.errno == errno.ENOBUFS:
        losses.count += 1


def _message(kind: int, flags: int, body: bytes) -> bytes:
    padding = bytes(-len(body) % 4)
    return HEADER.pack(HEADER.size + len(body), kind, flags, 1, 0) + body + padding


def split(read: bytes) -> Iterator[Run]:
    """Cut one read into runs: a single one if its messages are all alike."""
    at = 0
    while at + HEADER.size <= len(read):
        length, kind, flags, _, _ = HEADER.unpack_from(read, at)
        if length < HEADER.size:
            return
        step = (length + 3) & ~3
        count = (len(read) - at) // step if at == 0 else 1
        if count > 1 and not _alike(read[: count * step], step):
            count = 1
        end = min(at + max(count, 1) * step, len(read))
        yield Run(kind, flags, length, step, memoryview(read)[at:end])
        at = end


def _alike(read: bytes, step: int) -> bool:
    """Tell whether every message has the length, type and flags of the first."""
    heads = struct.Struct(f"={_ALIKE}s{step - _ALIKE}x")
    return len(set(heads.iter_unpack(read))) == 1
