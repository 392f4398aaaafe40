"""Netlink answers are taken apart, and asked for again when some were lost."""

import errno
import socket
import struct

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.netlink import HEADER, Netlink, attributes, split

DONE, ERROR, ANSWER = 3, 2, 20
INTERRUPTED = 0x10


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


def _message(kind: int, body: bytes = b"", flags: int = 0) -> bytes:
    padded = body + bytes(-len(body) % 4)
    return HEADER.pack(HEADER.size + len(body), kind, flags, 1, 0) + padded


def _netlink(reads: list[bytes | OSError]) -> tuple[Netlink, FakeSocket]:
    netlink, fake = Netlink.__new__(Netlink), FakeSocket(reads)
    vars(netlink).update(_socket=fake, _name="test")
    return netlink, fake


def test_attributes_are_found_by_type() -> None:
    """Padding is skipped, the flag for nested ones is not part of the type."""
    raw = b"head" + struct.pack("=HH", 5, 1) + b"a\0\0\0" + struct.pack("=HH", 8, 0x8002) + b"bcde"

    found = attributes(memoryview(raw), 4)

    assert {kind: bytes(value) for kind, value in found.items()} == {1: b"a", 2: b"bcde"}


@pytest.mark.parametrize("raw", [b"", b"\x00", b"\x00\x00\x01\x00", b"\x02\x00\x01\x00"])
def test_broken_attributes_end_the_walk(raw: bytes) -> None:
    """A length below that of the header would never end."""
    assert attributes(memoryview(raw), 0) == {}


def test_messages_of_one_kind_are_one_run() -> None:
    """What ends the dump is a run of its own."""
    read = _message(ANSWER, b"abc") * 3 + _message(DONE)

    assert [(run.kind, [bytes(body) for body in run.bodies()]) for run in split(read)] == [
        (ANSWER, [b"abc", b"abc", b"abc"]),
        (DONE, [b""]),
    ]


def test_messages_of_many_kinds_are_many_runs() -> None:
    """Even where they have one length."""
    read = _message(ANSWER, b"abcd") + _message(ANSWER + 1, b"efgh")

    assert [(run.kind, [bytes(body) for body in run.bodies()]) for run in split(read)] == [
        (ANSWER, [b"abcd"]),
        (ANSWER + 1, [b"efgh"]),
    ]


@pytest.mark.parametrize("read", [b"", bytes(15), bytes(16), _message(ANSWER, b"abc")[:18]])
def test_a_read_cut_short_ends_the_walk(read: bytes) -> None:
    """A length of nothing would never end."""
    assert len(list(split(read))) <= 1


def test_a_dump_ends_with_its_last_message() -> None:
    """However the kernel splits it into reads."""
    reads: list[bytes | OSError] = [
        _message(ANSWER, b"one") + _message(ANSWER, b"two"),
        _message(ANSWER, b"three") + _message(DONE),
    ]
    netlink, _ = _netlink(reads)

    assert [bytes(body) for body in netlink.dump(ANSWER, b"")] == [b"one", b"two", b"three"]


def test_a_dump_that_changed_underway_is_asked_again() -> None:
    """The kernel marks it as interrupted."""
    reads: list[bytes | OSError] = [
        _message(ANSWER, b"half", INTERRUPTED) + _message(DONE),
        _message(ANSWER, b"whole") + _message(DONE),
    ]
    netlink, fake = _netlink(reads)

    assert [bytes(body) for body in netlink.dump(ANSWER, b"")] == [b"whole"]
    assert fake.asked == 2


def test_a_dump_that_overflowed_is_asked_again() -> None:
    """ENOBUFS says that answers were lost."""
    reads: list[bytes | OSError] = [
        OSError(errno.ENOBUFS, "lost"),
        _message(ANSWER, b"whole") + _message(DONE),
    ]
    netlink, _ = _netlink(reads)

    assert [bytes(body) for body in netlink.dump(ANSWER, b"")] == [b"whole"]


def test_a_dump_that_always_overflows_fails() -> None:
    """Half of the truth is not given out as the whole."""
    netlink, _ = _netlink([OSError(errno.ENOBUFS, "lost") for _ in range(9)])

    with pytest.raises(KernelError, match="dump test"):
        netlink.dump(ANSWER, b"")


def test_a_refused_dump_is_an_error() -> None:
    """With the errno that the kernel gave."""
    netlink, _ = _netlink([_message(ERROR, struct.pack("=i", -errno.EPERM))])

    with pytest.raises(KernelError) as raised:
        netlink.dump(ANSWER, b"")
    assert raised.value.errno == errno.EPERM


def test_an_unknown_family_is_told() -> None:
    """The kernel may be built without it."""
    with pytest.raises(KernelError, match="open netlink socket nonsense"):
        Netlink(31, "nonsense")


def _answer(code: int) -> bytes:
    return _message(ERROR, struct.pack("=i", -code) + bytes(HEADER.size))


def test_every_change_is_answered() -> None:
    """In the order of the commands, however the answers are spread over reads."""
    reads: list[bytes | OSError] = [_answer(0), _answer(errno.EEXIST) + _answer(0)]
    netlink, fake = _netlink(reads)

    assert netlink.change(ANSWER, 0, [b"one", b"two", b"three"]) == [0, errno.EEXIST, 0]
    assert fake.asked == 1


def test_a_question_has_one_answer_or_an_error() -> None:
    """The error is raised with its number."""
    netlink, _ = _netlink([_message(ANSWER, b"yes!"), _answer(errno.ENOENT)])

    assert [bytes(body) for body in netlink.ask(ANSWER, b"")] == [b"yes!"]
    with pytest.raises(KernelError) as raised:
        netlink.ask(ANSWER, b"")
    assert raised.value.errno == errno.ENOENT
