"""Which lines may hold a word that matters: a quick look that misses none.

Every such word has seven bytes or more, so wherever it stands, four bytes of it fill a machine word
of its line.  Only those are looked at.
"""

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import Positions, gather
from floodwall.forensics.logs.columns import Lines
from floodwall.forensics.logs.messages import LITERALS

_ROW = 64  # bytes of a line that are looked at in one step
_ODD = 0x9E3779B1  # the prime next to 2^32 over the golden ratio
_HALF = np.uint64(32)


def _hashed(words: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return 16 bits for the lower half of each word."""
    return (words * np.uint64(_ODD << 32) >> np.uint64(48)).view(np.intp)


def _table() -> NDArray[np.bool_]:
    grams = [word[offset : offset + 4] for word in LITERALS for offset in range(4)]
    table = np.zeros(1 << 16, np.bool_)
    table[_hashed(np.frombuffer(b"".join(grams), "<u4").astype(np.uint64))] = True
    return table


TABLE = _table()
"""Hashes of four bytes that may be of a word that matters."""


def notable(lines: Lines, among: Positions) -> Positions:
    """Return those of some lines that may hold a word that matters."""
    start = lines.start[among]
    left = lines.end[among] - start
    owner = among
    found = []
    while len(start):
        found.append(owner[_holding(gather(lines.buffer, start, _ROW).view("<u8"), left)])
        longer = np.flatnonzero(left > _ROW)
        start, left, owner = start[longer] + _ROW, left[longer] - _ROW, owner[longer]
    return np.unique(np.concatenate(found)) if found else among


def _holding(words: NDArray[np.uint64], left: NDArray[np.int64]) -> Positions:
    """Return the rows that hold a part of a word that matters; of some only a part is meant."""
    hit = TABLE.take(_hashed(words)) | TABLE.take(_hashed(words >> _HALF))
    rows = np.flatnonzero(hit.view(np.uint64) != 0)
    if not len(rows):
        return rows
    inside = np.arange(0, _ROW, 8) < left[rows][:, None]
    return rows[(hit[rows] & inside).any(axis=1)]
