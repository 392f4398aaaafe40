"""A netlink socket whose answers are written down beforehand."""

import socket

from floodwall.kernel.netlink import HEADER, Netlink

DONE, ANSWER = 3, 20


class FakeSocket:
    """Answers reads from a list; an exception in it is raised."""

    def __init__(self, reads: list[bytes | OSError]) -> None:
        self.reads = reads
        self.asked = 0

    def send(self, data: bytes) -> int:
        """Count the question."""
        self.asked += 1
        return len(data)

    def recv(self, _size: int, flags: int = 0) -> bytes:
        """Give the next read; nothing waits outside of a dump."""
        if flags & socket.MSG_DONTWAIT:
            raise BlockingIOError
        read = self.reads.pop(0)
        if isinstance(read, OSError):
            raise read
        return read

    def close(self) -> None:
        """Nothing is open."""


def message(kind: int, body: bytes = b"", flags: int = 0) -> bytes:
    """Write a message as the kernel does."""
    padded = body + bytes(-len(body) % 4)
    return HEADER.pack(HEADER.size + len(body), kind, flags, 1, 0) + padded


def fake_netlink(reads: list[bytes | OSError]) -> tuple[Netlink, FakeSocket]:
    """Make a netlink socket that answers so."""
    netlink, fake = Netlink.__new__(Netlink), FakeSocket(reads)
    vars(netlink).update(_socket=fake, _name="test")
    return netlink, fake
