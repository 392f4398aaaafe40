"""Where in the address space sources lie: the smallest network that holds them, in 256 parts."""

import numpy as np
from numpy.typing import NDArray

from floodwall.core.address import unpack
from floodwall.forensics.finding import Space

_MAPPED = 0xFFFF
_BYTES = {4: 4, 6: 8}  # of an IPv6 address the first half: a network of one site is a /64


def spaces_of(
    high: NDArray[np.uint64], low: NDArray[np.uint64], counts: NDArray[np.int64]
) -> tuple[Space, ...]:
    """Return requests by part of the address space, for each family that occurs."""
    mapped = (high == 0) & (low >> np.uint64(32) == _MAPPED)
    found = []
    for version, rows, words in ((4, mapped, low << np.uint64(32)), (6, ~mapped, high)):
        if rows.any():
            found.append(_space(version, words[rows], counts[rows]))
    return tuple(found)


def _space(version: int, words: NDArray[np.uint64], counts: NDArray[np.int64]) -> Space:
    """Return the space of words whose first byte is the first of the addresses."""
    shared = 0
    while shared < _BYTES[version] - 1 and len(np.unique(_byte(words, shared))) == 1:
        shared += 1
    parts = np.bincount(_byte(words, shared), counts, minlength=256).astype(np.int64)
    head = int(words[0]).to_bytes(8, "big")[:shared]
    prefix = (bytes(10) + b"\xff\xff" if version == 4 else b"") + head
    return Space(f"{unpack(prefix.ljust(16, bytes(1)))}/{8 * shared}", tuple(parts.tolist()))


def _byte(words: NDArray[np.uint64], index: int) -> NDArray[np.intp]:
    return (words >> np.uint64(56 - 8 * index) & np.uint64(255)).astype(np.intp)
