"""What is kept of the evidence."""

import numpy as np

from floodwall.forensics.evidence import Flag, Sign
from floodwall.forensics.partial import Mark, Partial, Suppressed, merged, sent_ttl
from floodwall.forensics.selection import Selection
from tests.support.evidence import segments

ROWS = [(float(n), f"192.0.2.{n}", 1_000 + n, "198.51.100.1", 80, Flag.SYN) for n in range(9)]


def test_only_requests_are_counted_as_requests() -> None:
    """Answers and acknowledgements go to the flows only."""
    partial = Partial()
    partial.add(segments(*ROWS, (9.0, "198.51.100.1", 80, "192.0.2.1", 1_001, Flag.SYN | Flag.ACK)))
    assert int(partial.pairs.rows().counts.sum()) == 9
    assert partial.packets.segments == 10


def test_parts_merge_into_the_whole() -> None:
    """Every table, list and counter."""
    whole, left, right = Partial(), Partial(), Partial()
    whole.add(segments(*ROWS))
    left.add(segments(*ROWS[:4]))
    right.add(segments(*ROWS[4:]))
    for partial in (whole, right):
        partial.suppress(Suppressed(1.0, 7, network=True))
        partial.mark(Mark(2.0, Sign.ORPHANS, count=3))
        partial.distrust("x")
        partial.mask(1.0)
    both = merged([left, right])

    for name in ("pairs", "endpoints", "cells", "shapes"):
        mine, theirs = getattr(both, name).rows(), getattr(whole, name).rows()
        assert np.array_equal(mine.keys, theirs.keys)
        assert np.array_equal(mine.counts, theirs.counts)
    for name in ("lives", "marks_total", "suppressed", "marks", "untrusted", "masked"):
        assert getattr(both, name) == getattr(whole, name)
    assert both.distinct.estimate() == whole.distinct.estimate()


def test_a_selection_leaves_out() -> None:
    """By time; and totals over all sources cannot be shown for one."""
    partial = Partial(selection=Selection(since=3.0, ports=(80,)))
    partial.add(segments(*ROWS))
    partial.suppress(Suppressed(5.0, 7, network=True))
    partial.mark(Mark(2.0, Sign.ORPHANS))
    assert int(partial.pairs.rows().counts.sum()) == 6
    assert partial.suppressed == []
    assert partial.marks == []


def test_a_ttl_tells_what_was_sent() -> None:
    """Stacks start at 32, 64, 128 or 255."""
    seen = np.array([0, 1, 32, 33, 64, 113, 128, 129, 255], np.uint8)
    assert sent_ttl(seen).tolist() == [0, 32, 32, 64, 64, 128, 128, 255, 255]
