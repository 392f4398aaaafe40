"""Hashes over whole columns; the same value on every machine, so that partials can be merged."""

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # 2^64 over the golden ratio, as in splitmix64
_FIRST = np.uint64(0xBF58476D1CE4E5B9)  # the two multipliers of splitmix64 (Steele et al. 2014)
_SECOND = np.uint64(0x94D049BB133111EB)


def mix(values: Hashes) -> Hashes:
    """Return the finalizer of splitmix64 of each value."""
    mixed = values + _GOLDEN
    mixed ^= mixed >> np.uint64(30)
    mixed *= _FIRST
    mixed ^= mixed >> np.uint64(27)
    mixed *= _SECOND
    mixed ^= mixed >> np.uint64(31)
    return mixed


def hash_columns(*columns: NDArray[np.generic]) -> Hashes:
    """Return one hash for each row of several unsigned columns."""
    mixed = mix(columns[0].astype(np.uint64))
    for column in columns[1:]:
        mixed ^= column.astype(np.uint64)
        mixed = mix(mixed)
    return mixed
