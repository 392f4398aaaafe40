"""Lines of a block as columns: where they begin and end, and which have the same bytes where."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import SLACK, Bytes, Positions

# The byte that is 1 of eight, if that is the only one, brings its number to the top.
_NUMBERED = np.uint64(0x0001020304050607)


@dataclass(slots=True)
class Lines:
    """Where the lines of a block begin and end."""

    buffer: Bytes
    start: Positions
    end: Positions

    def __len__(self) -> int:
        return len(self.start)


@dataclass(slots=True)
class Splitter:
    """Splits one block after the other in the same memory: pages that are new cost more than that.

    What it gave for a block is overwritten by the next.
    """

    _buffer: Bytes = field(default_factory=lambda: np.zeros(0, np.uint8))
    _is_end: NDArray[np.bool_] = field(default_factory=lambda: np.zeros(0, np.bool_))

    def split(self, block: bytes) -> Lines:
        """Return the lines of a block that ends with a line."""
        size = len(block)
        if len(self._buffer) < size + SLACK:
            room = -(-(size + size // 4) // 8) * 8
            self._buffer, self._is_end = np.zeros(room + SLACK, np.uint8), np.zeros(room, np.bool_)
        self._buffer[:size] = np.frombuffer(block, np.uint8)
        self._buffer[size : size + SLACK] = 0
        ends = self._newlines(size)
        starts = np.empty_like(ends)
        if len(ends):
            starts[0] = 0
            np.add(ends[:-1], 1, out=starts[1:])
        return Lines(self._buffer[: size + SLACK], starts, ends)

    def _newlines(self, size: int) -> Positions:
        """Return where newlines are: eight bytes at a time, as nearly all eights have none."""
        is_end = self._is_end[: -(-size // 8) * 8]
        is_end[size:] = False
        np.equal(self._buffer[:size], ord("\n"), out=is_end[:size])
        eights = is_end.view(np.uint64)
        index = np.flatnonzero(eights != 0)
        found = eights[index]
        if (found & (found - np.uint64(1))).any():  # two in one
            return np.flatnonzero(is_end)
        return (index << 3) + (found * _NUMBERED >> np.uint64(56)).view(np.int64)


def equal_at(rows: Bytes, at: int, words: bytes) -> NDArray[np.bool_]:
    """Tell which rows have these bytes at a column; eight at a time, the last ones twice."""
    same = np.ones(len(rows), np.bool_)
    for begin, width in pieces(len(words)):
        wanted = int.from_bytes(words[begin : begin + width], "little")
        same &= column_at(rows, at + begin, width) == wanted
    return same


def pieces(size: int) -> list[tuple[int, int]]:
    """Return offsets and widths of the machine words that cover so many bytes."""
    width = next(width for width in (8, 4, 2, 1) if width <= max(1, size))
    offsets = list(range(0, size - width + 1, width))
    if size % width:
        offsets.append(size - width)
    return [(offset, width) for offset in offsets]


def column_at(rows: Bytes, at: int, width: int) -> NDArray[np.unsignedinteger]:
    """Return the bytes of each row from a column on as one number, in the order of x86."""
    count, stride = rows.shape
    if not count:
        return np.zeros(0, f"<u{width}")
    return np.ndarray((count,), f"<u{width}", rows.data, at, (stride,))
