"""Hashes over columns."""

import numpy as np

from floodwall.forensics.hashing import hash_columns, mix


def test_the_hash_is_splitmix64() -> None:
    """First output of the published generator from seed 0."""
    assert int(mix(np.zeros(1, np.uint64))[0]) == 0xE220A8397B1DCDAF


def test_columns_do_not_commute() -> None:
    """Source and victim swapped is another pair."""
    near, far = np.arange(100, dtype=np.uint64), np.arange(100, 200, dtype=np.uint64)
    assert not (hash_columns(near, far) == hash_columns(far, near)).any()


def test_close_values_are_far_apart() -> None:
    """Every upper bit is used evenly."""
    hashes = hash_columns(np.arange(100_000, dtype=np.uint64))
    assert len(np.unique(hashes)) == 100_000
    assert abs(float((hashes >> np.uint64(63)).mean()) - 0.5) < 0.01
