"""Counts by key, exact and beyond."""

import tracemalloc
from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.hashing import mix
from floodwall.forensics.tally import Rows, Tally


def add(tally: Tally, values: list[int]) -> None:
    """Count plain numbers."""
    keys = np.array(values, np.uint64)
    ones = np.ones(len(values), np.int64)
    tally.add(mix(keys), [keys], ones, np.arange(len(values), dtype=np.float64))


def counts(tally: Tally) -> dict[int, int]:
    """Return what was counted."""
    rows = tally.rows()
    return dict(zip(rows.keys[:, 0].tolist(), rows.counts.tolist(), strict=True))


def test_a_full_table_needs_little_more_to_make_room() -> None:
    """What it was made of goes before it is sorted."""
    tally, chance = Tally(5, 1 << 14), np.random.default_rng(1)
    row_bytes = 8 * (5 + 4)
    tracemalloc.start()
    try:
        for _ in range(40):
            keys = chance.integers(0, 1 << 60, (1 << 12, 5), np.uint64)
            twice, at = np.full(len(keys), 2, np.int64), np.zeros(len(keys))
            tally.add_rows(Rows(keys[:, 0].copy(), keys, twice, at, at))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4.2 * row_bytes * (1 << 14)


@given(st.lists(st.lists(st.integers(0, 30), max_size=60), max_size=6))
def test_below_the_bound_all_is_exact(parts: list[list[int]]) -> None:
    """However it was cut into parts."""
    tally = Tally(1, 64)
    for part in parts:
        add(tally, part)
    assert counts(tally) == Counter(value for part in parts for value in part)
    assert tally.error == 0


@given(st.lists(st.lists(st.integers(0, 400), max_size=200), max_size=8), st.integers(0, 7))
def test_beyond_the_bound_no_count_is_too_high_nor_too_low_by_more_than_said(
    parts: list[list[int]], cut: int
) -> None:
    """Also after a merge."""
    left, right = Tally(1, 16), Tally(1, 16)
    for index, part in enumerate(parts):
        add(left if index < cut else right, part)
    left.merge(right)
    truth = Counter(value for part in parts for value in part)
    shown = counts(left)

    assert len(shown) <= 16
    for value, count in truth.items():
        assert count - left.error <= shown.get(value, 0) <= count


def test_first_and_last_are_kept() -> None:
    """Over all parts."""
    tally = Tally(1)
    add(tally, [7, 8, 7])
    rows = tally.rows()
    row = rows.keys[:, 0].tolist().index(7)
    assert (rows.first[row], rows.last[row]) == (0.0, 2.0)
