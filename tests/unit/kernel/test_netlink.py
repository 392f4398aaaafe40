"""Netlink answers are taken apart, and asked for again when some were lost."""

import errno
import struct

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.netlink import HEADER, Netlink, attributes, counting_losses, split
from tests.support.fake_netlink import ANSWER, DONE, fake_netlink, message

ERROR = 2
INTERRUPTED = 0x10


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
    read = message(ANSWER, b"abc") * 3 + message(DONE)

    assert [(run.kind, [bytes(body) for body in run.bodies()]) for run in split(read)] == [
        (ANSWER, [b"abc", b"abc", b"abc"]),
        (DONE, [b""]),
    ]


def test_messages_of_many_kinds_are_many_runs() -> None:
    """Even where they have one length."""
    read = message(ANSWER, b"abcd") + message(ANSWER + 1, b"efgh")

    assert [(run.kind, [bytes(body) for body in run.bodies()]) for run in split(read)] == [
        (ANSWER, [b"abcd"]),
        (ANSWER + 1, [b"efgh"]),
    ]


@pytest.mark.parametrize("read", [b"", bytes(15), bytes(16), message(ANSWER, b"abc")[:18]])
def test_a_read_cut_short_ends_the_walk(read: bytes) -> None:
    """A length of nothing would never end."""
    assert len(list(split(read))) <= 1


def test_a_dump_ends_with_its_lastmessage() -> None:
    """However the kernel splits it into reads."""
    reads: list[bytes | OSError] = [
        message(ANSWER, b"one") + message(ANSWER, b"two"),
        message(ANSWER, b"three") + message(DONE),
    ]
    netlink, _ = fake_netlink(reads)

    assert [bytes(body) for body in netlink.dump(ANSWER, b"")] == [b"one", b"two", b"three"]


def test_a_dump_that_changed_underway_is_asked_again() -> None:
    """The kernel marks it as interrupted."""
    reads: list[bytes | OSError] = [
        message(ANSWER, b"half", INTERRUPTED) + message(DONE),
        message(ANSWER, b"whole") + message(DONE),
    ]
    netlink, fake = fake_netlink(reads)

    assert [bytes(body) for body in netlink.dump(ANSWER, b"")] == [b"whole"]
    assert fake.asked == 2


def test_a_dump_that_overflowed_is_asked_again() -> None:
    """ENOBUFS says that answers were lost."""
    reads: list[bytes | OSError] = [
        OSError(errno.ENOBUFS, "lost"),
        message(ANSWER, b"whole") + message(DONE),
    ]
    netlink, _ = fake_netlink(reads)

    assert [bytes(body) for body in netlink.dump(ANSWER, b"")] == [b"whole"]


def test_what_is_lost_is_counted_for_whoever_asks() -> None:
    """Each time that the kernel says so; a dump that changed underway is no loss."""
    lost: OSError = OSError(errno.ENOBUFS, "lost")
    whole = message(ANSWER, b"whole") + message(DONE)
    with counting_losses() as outer:
        with counting_losses() as losses:
            netlink, _ = fake_netlink([lost, lost, OSError(errno.EINTR, "changed"), whole])
            netlink.dump(ANSWER, b"")
        netlink, _ = fake_netlink([lost, whole])
        netlink.dump(ANSWER, b"")
    netlink, _ = fake_netlink([lost, whole])
    netlink.dump(ANSWER, b"")

    assert (losses.count, outer.count) == (2, 1)


def test_a_dump_that_always_overflows_fails() -> None:
    """Half of the truth is not given out as the whole."""
    netlink, _ = fake_netlink([OSError(errno.ENOBUFS, "lost") for _ in range(9)])

    with pytest.raises(KernelError, match="dump test"):
        netlink.dump(ANSWER, b"")


def test_a_refused_dump_is_an_error() -> None:
    """With the errno that the kernel gave."""
    netlink, _ = fake_netlink([message(ERROR, struct.pack("=i", -errno.EPERM))])

    with pytest.raises(KernelError) as raised:
        netlink.dump(ANSWER, b"")
    assert raised.value.errno == errno.EPERM


def test_an_unknown_family_is_told() -> None:
    """The kernel may be built without it."""
    with pytest.raises(KernelError, match="open netlink socket nonsense"):
        Netlink(31, "nonsense")


def _answer(code: int) -> bytes:
    return message(ERROR, struct.pack("=i", -code) + bytes(HEADER.size))


def test_every_change_is_answered() -> None:
    """In the order of the commands, however the answers are spread over reads."""
    reads: list[bytes | OSError] = [_answer(0), _answer(errno.EEXIST) + _answer(0)]
    netlink, fake = fake_netlink(reads)

    assert netlink.change(ANSWER, 0, [b"one", b"two", b"three"]) == [0, errno.EEXIST, 0]
    assert fake.asked == 1


def test_a_question_has_one_answer_or_an_error() -> None:
    """The error is raised with its number."""
    netlink, _ = fake_netlink([message(ANSWER, b"yes!"), _answer(errno.ENOENT)])

    assert [bytes(body) for body in netlink.ask(ANSWER, b"")] == [b"yes!"]
    with pytest.raises(KernelError) as raised:
        netlink.ask(ANSWER, b"")
    assert raised.value.errno == errno.ENOENT
