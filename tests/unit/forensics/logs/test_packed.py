"""Dropped requests in one word each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.evidence import Flag, Origin, Segments, blank
from floodwall.forensics.logs import packed
from floodwall.forensics.logs.packed import MAPPED, Batch
from floodwall.forensics.logs.passes import Passes
from floodwall.forensics.partial import Partial
from floodwall.forensics.selection import Selection
from floodwall.forensics.tally import Tally

ROWS = st.lists(
    st.tuples(st.integers(0, 3), st.sampled_from([0, 80, 1_024, 65_535]), st.integers(-2, 9)),
    min_size=1,
    max_size=30,
)


def segments(rows: list[tuple[int, int, int]]) -> Segments:
    """Return the same requests as a careful reader gives them."""
    made = blank(len(rows))
    made["source_low"] = [int(MAPPED) | 0xC0000200 | row[0] for row in rows]
    made["source_port"] = [row[1] for row in rows]
    made["at"] = [row[2] / 2 for row in rows]
    made["flags"], made["origin"] = int(Flag.SYN), int(Origin.DROPPED)
    return made


def batched(rows: list[tuple[int, int, int]], selection: Selection) -> Partial:
    """Return what a batch makes of them."""
    partial, batch = Partial(selection=selection), Batch(Passes())
    whole = segments(rows)
    address = whole["source_low"] & np.uint64(0xFFFFFFFF)
    ends = address << np.uint64(16) | whole["source_port"].astype(np.uint64)
    batch.add(partial, ends, whole["at"])
    batch.flush(partial)
    return partial


def shown(tally: Tally) -> str:
    """Return all of a table."""
    rows = tally.rows()
    columns = (rows.hashes, rows.keys, rows.counts, rows.first, rows.last)
    return repr([column.tolist() for column in columns])


@given(ROWS, st.sampled_from([Selection(), Selection(since=1.0)]))
def test_a_batch_tells_what_single_requests_tell(
    rows: list[tuple[int, int, int]], selection: Selection
) -> None:
    """In any order of time, whole or in part."""
    found = batched(rows, selection)
    wanted = Partial(selection=selection)
    wanted.add_dropped(segments(rows))
    for name in ("pairs", "victims", "endpoints", "cells"):
        assert shown(getattr(found, name)) == shown(getattr(wanted, name))
    assert (found.ports, found.origins) == (wanted.ports, wanted.origins)
    assert (found.lives, found.packets) == (wanted.lives, wanted.packets)
    assert found.distinct.registers().tolist() == wanted.distinct.registers().tolist()


def test_a_full_batch_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that memory stays bounded; also where one call brings more than fits."""
    monkeypatch.setattr(packed, "_ROWS", 4)
    partial, batch = Partial(), Batch(Passes())
    ends = np.arange(11, dtype=np.uint64)
    batch.add(partial, ends, ends.astype(np.float64))
    assert (partial.packets.segments, batch.count) == (8, 3)
    batch.flush(partial)
    assert len(partial.endpoints.rows()) == 11


def test_a_full_table_says_how_much_it_lost() -> None:
    """Once more for each batch, also where nothing of it was kept."""
    partial, batch = Partial(), Batch(Passes())
    partial.endpoints.error = 1
    one = np.ones(1, np.uint64)
    batch.add(partial, one, np.ones(1))
    batch.flush(partial)
    assert partial.endpoints.error == 2
    assert len(partial.endpoints.rows()) == 0


@pytest.mark.parametrize("more", [0, 1 << 40])
def test_the_naive_reading_is_collected_by_address(
    more: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And told when there is much of it, or at the end; also counts of more than half a word."""
    monkeypatch.setattr(packed, "_ROWS", 4)
    partial, batch = Partial(), Batch(Passes())
    ends = np.array([7 << 16 | 80, 9 << 16, 7 << 16 | 443], np.uint64)
    batch.credit(partial, ends, np.array([5, 1, 2]))
    assert len(partial.naive.rows()) == 0
    batch.credit(partial, ends, np.array([50, 10 + more, 20]))
    assert (len(partial.naive.rows()), batch.credits) == (2, 0)
    batch.credit(partial, ends[:1], np.array([1]))
    batch.flush(partial)
    rows = partial.naive.rows()
    counted = dict(zip(rows.keys[:, 1].tolist(), rows.counts.tolist(), strict=True))
    assert counted == {int(MAPPED) | 7: 78, int(MAPPED) | 9: 11 + more}
