"""Logs, block by block."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.logs.envelope import LONGEST_LINE, Envelopes
from floodwall.forensics.logs.reader import BLOCK_BYTES, LogReader, whole_lines
from floodwall.forensics.partial import Partial

HEAD = b"Feb 28 09:27:37 nap1 kernel: "
DROP = HEAD + b"TCP: drop open request from 192.0.2.7/3755\n"
NOISE = HEAD + b"eth0: link up\n"


def read(text: bytes, *, step: int = 1 << 20) -> Partial:
    """Read a log in blocks."""
    partial = Partial()
    reader = LogReader(Envelopes(Clock(1.7e9, 2004)), partial)
    for block in whole_lines(iter([text[n : n + step] for n in range(0, len(text), step)])):
        reader.read(block)
    reader.finish()
    return partial


def total(partial: Partial) -> int:
    """Return the number of requests."""
    return int(partial.pairs.rows().counts.sum())


@pytest.mark.parametrize("step", [1, 7, 100, 1 << 20])
def test_blocks_do_not_matter(step: int) -> None:
    """Lines that are cut by a block are whole again."""
    assert total(read((NOISE + DROP) * 9, step=step)) == 9


def test_counts_of_any_subsystem_belong_to_the_next_message() -> None:
    """`printk:` before a dropped request is the network's, before a disk error it is not."""
    hidden = HEAD + b"printk: 60 messages suppressed.\n"
    mine = read(DROP + hidden + DROP)
    others = read(DROP + hidden + NOISE + DROP)
    last = read(DROP + hidden)
    assert [(item.count, item.network) for item in mine.suppressed] == [(60, True)]
    assert [(item.count, item.network) for item in others.suppressed] == [(60, False)]
    assert [item.network for item in last.suppressed] == [True]


def test_repeated_lines_count_as_often_as_they_say() -> None:
    """In both forms."""
    older = read(DROP + b"Feb 28 09:27:39 nap1 last message repeated 4 times\n")
    newer = read(DROP[:29] + b"message repeated 4 times: [ " + DROP[29:-1] + b"]\n")
    assert (total(older), total(newer)) == (5, 4)


def test_forged_lines_are_listed_and_not_counted() -> None:
    """With what they said made harmless."""
    partial = read(b"Feb 28 09:27:37 nap1 sshd[7]: \x1b[31m" + DROP[29:] + DROP)
    assert (total(partial), partial.untrusted) == (1, 1)
    assert partial.untrusted_samples[0].isprintable()


def test_an_endless_line_is_cut() -> None:
    """Only its beginning is looked at, and the lines behind it are read."""
    text = b"x" * (BLOCK_BYTES * 2 + 5) + b"\n" + DROP
    blocks = list(whole_lines(iter([text[n : n + 65_536] for n in range(0, len(text), 65_536)])))
    assert max(map(len, blocks)) <= BLOCK_BYTES + 65_536
    assert len(blocks[0]) == LONGEST_LINE + 1
    assert total(read(text, step=65_536)) == 1


PIECES = [
    b"Feb 28 09:27:37 ", b"nap1 ", b"kernel: ", b"[  601.749973] ", b"TCP: drop open request from ",
    b"192.0.2.7/3755", b"NET: ", b"9" * 400, b" messages suppressed.", b"\n", b'{"MESSAGE":',
    b"\x1b[2J", b"IN= OUT= SRC=1.2.3.4 DST=4.3.2.1 LEN=1 PROTO=TCP SPT=1 DPT=2 ", b"\x00", b"\xff",
    b"last message repeated ", b"message repeated 5 times: [ ", b"Feb 29 25:61:61 ", b"\r",
    b"2015-03-07T05:09:30+99:99 ", "[\u0421\u0440 \u043c\u0430\u0440 10 20:19:39 2021] ".encode(),
    b"6,1,99999999999999999999,-;",
]  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(PIECES), st.binary(max_size=20)), max_size=20))
def test_no_line_breaks_the_reader(pieces: list[bytes]) -> None:
    """Made of what real lines are made of, and of garbage."""
    read(b"".join(pieces) + b"\n" + DROP, step=50)


def test_time_since_the_start_of_the_machine_is_no_date() -> None:
    """A hint then has no time, and the input says why."""
    partial = read(b"[84440.731929] possible SYN flooding on port 80. Sending cookies.\n")
    (mark,) = partial.marks
    assert math.isnan(mark.at)
