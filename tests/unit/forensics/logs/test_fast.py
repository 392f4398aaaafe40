"""Many lines at once."""

from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.logs.envelope import Envelopes
from floodwall.forensics.logs.fast import FastLines, split
from floodwall.forensics.logs.reader import LogReader
from floodwall.forensics.partial import Partial

HEAD = b"Feb 28 09:27:%02d nap1 "
DROP = b"kernel: TCP: drop open request from 192.0.2.%d/%d"
FIREWALL = b"TOS=0 TTL=1 ID=0 PROTO=TCP SPT=1 DPT=80 WINDOW=1 RES=0x00 SYN URGP=0"
LINES = st.one_of(
    st.tuples(st.integers(0, 9), st.integers(0, 70_000)).map(lambda pair: DROP % pair),
    st.integers(0, 10**10).map(lambda count: b"kernel: NET: %d messages suppressed." % count),
    st.integers(0, 999).map(lambda count: b"kernel: printk: %d messages suppressed." % count),
    st.sampled_from([
        b"kernel: eth0: link up",
        b"sshd[5]: drop open request from 192.0.2.1/80",
        b"sshd[5]: Failed password",
        b"kernel: possible SYN flooding on port 80. Sending cookies.",
        b"kernel: DROP IN=e OUT= SRC=192.0.2.1 DST=192.0.2.9 LEN=40 " + FIREWALL,
        b"kernel: TCP: drop open request from 2001:db8::1/80",
        b"kernel: TCP: drop open request from x.y.z/vv",
        b"kernel: Out of socket memory",
        b"xkernel: TCP: drop open request from 192.0.2.1/80",
        b"other kernel: TCP: drop open request from 192.0.2.1/80",
        b"",
    ]),
)  # fmt: skip


def read(lines: list[bytes], *, learned: bool) -> Partial:
    """Read a log; the template is learned from a first block of one line, or never."""
    partial = Partial()
    reader = LogReader(Envelopes(Clock(1.7e9, 2004)), partial)
    first = HEAD % 0 + DROP % (1, 80) + b"\n"
    reader.read(first)
    if not learned:
        reader.fast.templates.clear()
    text = b"".join(HEAD % (number // 3 % 60) + line + b"\n" for number, line in enumerate(lines))
    for part in (text,):
        reader.read(part)
        if not learned:
            reader.fast.templates.clear()
    reader.finish()
    return partial


def summary(partial: Partial) -> dict[str, object]:
    """Return what two readers must agree on."""
    seconds: dict[float, int] = {}
    for item in partial.suppressed:
        if item.network:
            seconds[item.at] = seconds.get(item.at, 0) + item.count
    shown: dict[str, object] = {
        name: {tuple(key): count for key, count in zip(rows.keys.tolist(), rows.counts.tolist(),
                                                       strict=True)}
        for name in ("pairs", "endpoints", "cells")
        for rows in [getattr(partial, name).rows()]
    }  # fmt: skip
    return shown | {
        "suppressed": {at: count for at, count in seconds.items() if count},
        "marks": sorted(mark.sign for mark in partial.marks),
        "masked": partial.masked,
        "untrusted": partial.untrusted,
    }


@given(st.lists(LINES, max_size=40))
def test_columns_tell_what_the_careful_reader_tells(lines: list[bytes]) -> None:
    """Line by line or thousands at a time: the same evidence."""
    assert summary(read(lines, learned=True)) == summary(read(lines, learned=False))


@given(st.lists(st.one_of(st.none(), st.integers(0, 5)), max_size=30), st.integers(1, 30))
def test_the_naive_reading_is_the_same(told: list[int | None], cut: int) -> None:
    """Also where a block ends between a count and the line behind it."""
    lines = [
        b"kernel: NET: 7 messages suppressed." if source is None else DROP % (source, 80)
        for source in told
    ]
    found = []
    for learned in (True, False):
        partial = Partial()
        reader = LogReader(Envelopes(Clock(1.7e9, 2004)), partial)
        for part in ([DROP % (1, 80)], lines[:cut], lines[cut:]):
            reader.read(b"".join(HEAD % 0 + line + b"\n" for line in part))
            if not learned:
                reader.fast.templates.clear()
        reader.finish()
        rows = partial.naive.rows()
        found.append(dict(zip(rows.keys[:, 1].tolist(), rows.counts.tolist(), strict=True)))
    assert found[0] == found[1]


def test_a_template_is_learned_from_an_understood_line_only() -> None:
    """One with a time, a host and the kernel's tag; at most a few."""
    fast = FastLines()
    fast.learn(b"kernel: TCP: drop open request from 192.0.2.1/80")
    fast.learn(b"Feb 28 09:27:37 nap1 kernel: [ 1.5] TCP: drop open request from 192.0.2.1/80")
    assert fast.templates == []
    for host in range(9):
        fast.learn(b"Feb 28 09:27:37 h%d kernel: TCP: drop open request from 192.0.2.1/80" % host)
        fast.learn(
            b"2004-02-28T09:27:37Z h%d kernel: TCP: drop open request from 192.0.2.1/80" % host
        )
    assert 1 < len(fast.templates) <= 4


def test_lines_are_split_where_they_end() -> None:
    """An empty one too."""
    lines = split(b"ab\n\ncd\n")
    assert list(zip(lines.start.tolist(), lines.end.tolist(), strict=True)) == [
        (0, 2),
        (3, 3),
        (4, 6),
    ]
