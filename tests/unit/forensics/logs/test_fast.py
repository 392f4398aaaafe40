"""Many lines at once."""

from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from floodwall.forensics.logs import reader as readers
from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.logs.envelope import Envelopes, Line
from floodwall.forensics.logs.fast import FastLines
from floodwall.forensics.logs.found import Engine
from floodwall.forensics.logs.passes import Passes
from floodwall.forensics.logs.reader import LogReader
from floodwall.forensics.logs.scanner import Scanner, scanner
from floodwall.forensics.partial import Partial
from tests.support.log_lines import DROP, logs


class LineByLine(FastLines):
    """Learns nothing."""

    def learn(self, raw: bytes, line: Line) -> None:
        """Pass it over."""


def read(blocks: Sequence[Sequence[bytes]], engine: Engine | None) -> LogReader:
    """Read a log block by block, with an engine wherever it fits, or line by line."""
    fast = FastLines(engine=engine) if engine else LineByLine()
    reader = LogReader(Envelopes(Clock(1.7e9, 2004)), Partial(), fast=fast)
    for lines in blocks:
        reader.read(b"".join(line + b"\n" for line in lines))
    reader.finish()
    return reader


def loop() -> Scanner:
    """Return the loop in C; what tests here can compile the data plane, so it is there."""
    made = scanner()
    assert made is not None
    return made


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
    wanted = summary(read([lines], None))
    try:
        assert summary(read(blocks, Passes())) == wanted
        assert summary(read(blocks, loop())) == wanted
    finally:
        readers._DEAR = dear


@pytest.mark.parametrize("engine", [Passes(), loop()], ids=["passes", "loop"])
@pytest.mark.parametrize("uptime", [b"", b"[  601.749973] "], ids=["plain", "stamped"])
@pytest.mark.parametrize("head", [b"", b"<4>"], ids=["bare", "with priority"])
def test_most_lines_of_a_flood_are_read_as_columns(
    engine: Engine, uptime: bytes, head: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only one in many is given to the careful reader, in all the usual wrappings."""
    taken: list[bytes] = []
    plain = LogReader.take

    def take(self: LogReader, raw: bytes) -> None:
        taken.append(raw)
        plain(self, raw)

    monkeypatch.setattr(LogReader, "take", take)
    stamps = [head + b"Feb 28 09:27:%02d nap1 kernel: " % (n // 100) + uptime for n in range(3_000)]
    lines = [
        stamp + DROP[8:] % (b"192.0.2.%d" % (number % 256), b"%d" % number)
        for number, stamp in enumerate(stamps)
    ]
    lines[1_500] = stamps[1_500] + b"possible SYN flooding on port 80. Sending cookies."
    reader = read([lines], engine)

    assert reader.records == 3_000
    assert taken == [lines[0], lines[1_500]]


def learn(fast: FastLines, raw: bytes) -> None:
    """Give a line as the careful reader does."""
    fast.learn(raw, Envelopes(Clock(1.7e9, 2004)).open(raw))


def test_templates_are_few() -> None:
    """However many hosts there are; those of one host can be forgotten."""
    fast, message = FastLines(), DROP % (b"192.0.2.1", b"80")
    for host in range(19):
        learn(fast, b"Feb 28 09:27:37 h%d %b" % (host, message))
    assert len(fast.templates) == 8
    assert fast.doubts({b"h0"})
    fast.forget({b"h0"})
    assert not fast.doubts({b"h0"})
    assert len(fast.templates) == 7


def test_a_kernel_that_stamps_its_lines_is_not_doubted_for_it() -> None:
    """Its lines with a stamp are of a wrapping of their own."""
    fast = FastLines()
    learn(fast, b"Feb 28 09:27:37 h kernel: [  601.749973] " + DROP[8:] % (b"192.0.2.1", b"80"))
    assert not fast.doubts({b"h"})
    fast.forget({b"h"})
    assert len(fast.templates) == 1
