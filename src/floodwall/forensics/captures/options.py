"""TCP options of many headers at once: their order, and the MSS."""

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import Bytes, Positions, gather, number
from floodwall.forensics.layout import CODES, MOST_OPTIONS, OTHER

_CODE = np.full(256, OTHER, np.uint64)
for _kind, _code in CODES.items():
    _CODE[_kind] = _code


def read_options(
    buffer: Bytes, begin: Positions, end: Positions
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the packed order of the options between two positions, and the MSS (0 if none)."""
    layout = np.zeros(len(begin), np.uint64)
    mss = np.zeros(len(begin), np.uint64)
    rows = np.flatnonzero(begin < end)
    at, stop = begin[rows], end[rows]
    for index in range(MOST_OPTIONS):
        if not len(rows):
            break
        head = gather(buffer, at, 4)
        kind, size = head[:, 0], head[:, 1].astype(np.int64)
        layout[rows] |= _CODE[kind] << np.uint64(4 * index)
        has_size = at + 2 <= stop
        is_mss = (kind == 2) & (size == 4) & (at + 4 <= stop)
        if is_mss.any():
            mss[rows[is_mss]] = number(head[is_mss], 2, 2)
        step = np.where(kind == 1, 1, size)
        on = (kind != 0) & ((kind == 1) | (has_size & (size >= 2))) & (at + step < stop)
        rows, at, stop = rows[on], (at + step)[on], stop[on]
    return layout, mss
