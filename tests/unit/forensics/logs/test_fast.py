"""Many lines at once."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodwall.forensics.logs import reader as readers
from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.logs.columns import Splitter
from floodwall.forensics.logs.envelope import Envelopes, Line, stamp_of
from floodwall.forensics.logs.fast import FastLines
from floodwall.forensics.logs.reader import LogReader
from floodwall.forensics.partial import Partial

STAMPS = st.one_of(
    st.integers(0, 5).map(lambda second: b"Feb 28 09:27:%02d" % second),
    st.sampled_from([
        b"Dec 31 23:59:59", b"Jan  1 00:00:00", b"Jul  9 12:00:00", b"Feb 29 00:00:01",
        b"Feb 28 09:61:00", b"Feb 28  9:27:37", b"", b"2004-02-28T09:27:37Z",
    ]),
    st.integers(0, 10**6 - 1).map(lambda part: b"2004-02-28T09:27:37.%06d+01:00" % part),
    st.sampled_from([b"2004-02-28T09:27:37.12x456+01:00", b"2004-02-30T09:27:37.123456+01:00"]),
)  # fmt: skip
DROP = b"kernel: TCP: drop open request from %b/%b"
FIREWALL = b"TOS=0 TTL=1 ID=0 PROTO=TCP SPT=1 DPT=80 WINDOW=1 RES=0x00 SYN URGP=0"
ADDRESSES = st.one_of(
    st.integers(0, 9).map(lambda last: b"192.0.2.%d" % last),
    st.lists(st.integers(0, 300), min_size=4, max_size=4).map(lambda o: b"%d.%d.%d.%d" % tuple(o)),
    st.sampled_from([
        b"01.2.3.4", b"1.2.3", b"1.2.3.4.5", b"1..3.4", b"1.2.3/4", b"x.y.z.w", b"2001:db8::1",
        b"::ffff:192.0.2.1", b"1.2.3.1234", b"255.255.255.255", b"0.0.0.0", b"1.2.3.x4",
        b"-1.2.3.4",
    ]),
)  # fmt: skip
PORTS = st.one_of(
    st.integers(0, 70_000).map(lambda port: b"%d" % port),
    st.sampled_from([b"00080", b"000080", b"x", b"8x0", b"", b"80 ", b"80\r", b"1.2"]),
)
DROPS = st.tuples(ADDRESSES, PORTS).map(lambda both: DROP % both)
ODD = st.sampled_from([
    b"kernel: eth0: link up",
    b"sshd[5]: drop open request from 192.0.2.1/80",
    b"sshd[5]: Failed password",
    b"sshd[5]: Failed password for a user of a very long name, which is longer than a row overflow",
    b"kernel: possible SYN flooding on port 80. Sending cookies.",
    b"kernel: DROP IN=e OUT= SRC=192.0.2.1 DST=192.0.2.9 LEN=40 " + FIREWALL,
    b"kernel: Out of socket memory",
    b"kernel: [ 12.000000] Out of socket memory",
    b"kernel: [ 12.000000] TCP: drop open request from 192.0.2.1/80",
    b"xkernel: TCP: drop open request from 192.0.2.1/80",
    b"other kernel: TCP: drop open request from 192.0.2.1/80",
    b"last message repeated 3 times",
    b"kernel: message repeated 2 times: [ TCP: drop open request from 192.0.2.1/80]",
    b"kernel: something of an overflow",
    b"kernel: NET: 99999999999 messages suppressed.",
    b"kernel: NET: 5 messages suppressed. And more",
    b"kernel: net_ratelimit: 5 callbacks suppressed",
    b"",
])  # fmt: skip
HIDDEN = st.tuples(
    st.sampled_from([b"NET", b"NET", b"printk", b"__ratelimit"]), st.integers(0, 999)
).map(lambda both: b"kernel: %b: %d messages suppressed." % both)
HOSTS = st.sampled_from([b" nap1 ", b" nap1 ", b" nap1 ", b" b ", b" ", b"  nap1 ", b" kern.info "])


@st.composite
def logs(draw: st.DrawFn) -> list[bytes]:
    """Draw lines; runs of the same stamp and host, as logs have them."""
    lines = []
    for _ in range(draw(st.integers(1, 6))):
        stamp, host = draw(STAMPS), draw(HOSTS)
        messages = draw(st.lists(st.one_of(DROPS, DROPS, HIDDEN, ODD), max_size=8))
        lines += [stamp + host + message for message in messages]
    return lines


class LineByLine(FastLines):
    """Learns nothing."""

    def learn(self, raw: bytes, line: Line) -> None:
        """Pass it over."""


def read(blocks: Sequence[Sequence[bytes]], *, fast: bool) -> LogReader:
    """Read a log block by block, with columns wherever they fit, or never."""
    reader = LogReader(Envelopes(Clock(1.7e9, 2004)), Partial())
    if not fast:
        reader.fast = LineByLine()
    for lines in blocks:
        reader.read(b"".join(line + b"\n" for line in lines))
    reader.finish()
    return reader


def summary(reader: LogReader) -> dict[str, object]:
    """Return everything that two readers must agree on."""
    partial = reader.partial
    shown: dict[str, object] = {}
    for name in ("pairs", "victims", "endpoints", "cells", "shapes", "naive"):
        rows = getattr(partial, name).rows()
        columns = (rows.hashes, rows.keys, rows.counts, rows.first, rows.last)
        shown[name] = repr([column.tolist() for column in columns])
    for name in ("marks_total", "ports", "lives", "origins"):
        shown[name] = dict(getattr(partial, name))
    for name in (
        "suppressed", "suppressed_folded", "marks", "untrusted", "masked",
        "untrusted_samples", "masked_times", "packets", "relative",
    ):  # fmt: skip
        shown[name] = repr(getattr(partial, name))
    return shown | {
        "distinct": partial.distinct.registers().tolist(),
        "flows": repr(partial.flows.rows()),
        "clock": reader.envelopes.clock.assumption(),
        "records": reader.records,
        "notes": reader.notes,
        "uptime": reader.uptime,
    }


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(logs(), st.lists(st.integers(0, 60), max_size=3))
def test_columns_tell_what_the_careful_reader_tells(lines: list[bytes], cuts: list[int]) -> None:
    """Whatever the lines, and wherever a block ends: the same evidence, all of it."""
    edges = [0, *sorted(cuts), len(lines)]
    blocks = [lines[begin:end] for begin, end in pairwise(edges)]
    dear = readers._DEAR
    readers._DEAR = 0  # no block is too odd for columns
    try:
        assert summary(read(blocks, fast=True)) == summary(read([lines], fast=False))
    finally:
        readers._DEAR = dear


def test_most_lines_of_a_flood_are_read_as_columns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only one in many is given to the careful reader."""
    taken: list[bytes] = []
    plain = LogReader.take

    def take(self: LogReader, raw: bytes) -> None:
        taken.append(raw)
        plain(self, raw)

    monkeypatch.setattr(LogReader, "take", take)
    stamps = [b"Feb 28 09:27:%02d nap1 " % (number // 100) for number in range(3_000)]
    lines = [
        stamp + DROP % (b"192.0.2.%d" % (number % 256), b"%d" % number)
        for number, stamp in enumerate(stamps)
    ]
    lines[1_500] = stamps[1_500] + b"kernel: possible SYN flooding on port 80. Sending cookies."
    reader = read([lines], fast=True)

    assert reader.records == 3_000
    assert taken == [lines[0], lines[1_500]]


def learn(fast: FastLines, raw: bytes) -> None:
    """Give a line as the careful reader does."""
    fast.learn(raw, Envelopes(Clock(1.7e9, 2004)).open(raw))


def test_a_template_is_learned_from_an_understood_line_only() -> None:
    """One with a time, a host and the kernel's tag; at most a few."""
    fast, message = FastLines(), DROP % (b"192.0.2.1", b"80")
    learn(fast, message)
    learn(fast, b"Feb 28 09:27:37 nap1 " + message.replace(b"TCP", b"[ 1.500000] TCP"))
    assert fast.templates == []
    for host in range(9):
        learn(fast, b"Feb 28 09:27:37 h%d %b" % (host, message))
        learn(fast, b"2004-02-28T09:27:37Z h%d %b" % (host, message))
    assert 1 < len(fast.templates) <= 4
    fast.forget({b"h0"})
    assert all(template.host != b"h0" for template in fast.templates)


def test_the_digits_of_parts_of_a_second_are_found() -> None:
    """In both forms of a stamp."""
    iso = stamp_of(b"2004-02-28T09:27:37.123456+01:00 nap1 kernel: x")
    bsd = stamp_of(b"Feb 28 09:27:37.12 nap1 kernel: x")
    assert iso is not None
    assert bsd is not None
    assert (iso.size, iso.fraction, iso.fraction_end) == (32, 20, 26)
    assert (bsd.size, bsd.fraction, bsd.fraction_end) == (18, 16, 18)
    assert stamp_of(b"nap1 kernel: x") is None


def test_what_is_read_is_told_by_line() -> None:
    """Requests have an address, counts have none."""
    fast = FastLines()
    lines = [
        b"Feb 28 09:27:37 nap1 " + DROP % (b"192.0.2.1", b"80"),
        b"Feb 28 09:27:37 nap1 kernel: NET: 7 messages suppressed.",
        b"Feb 28 09:27:38 nap1 kernel: eth0: link up",
        b"Feb 28 09:27:38 nap1 " + DROP % (b"10.0.0.255", b"65535"),
    ]
    fast.learn(lines[0], Line(lines[0][29:], 1.0, b"nap1"))
    found = fast.read(Splitter().split(b"\n".join(lines) + b"\n"))

    assert found.line.tolist() == [0, 1, 3]
    assert found.hidden.tolist() == [-1, 7, -1]
    assert found.address.tolist() == [0xC0000201, 0, 0x0A0000FF]
    assert found.port.tolist() == [80, 0, 65_535]
    assert found.fresh.tolist() == [0, 2]
