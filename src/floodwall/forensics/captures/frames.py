"""Frames of a capture as columns over one buffer, and gathers over them."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Positions = NDArray[np.int64]
SLACK = 128  # bytes behind the end of a buffer that may be gathered, and are 0


@dataclass(frozen=True, slots=True)
class Frames:
    """Frames of one link type; `start` and `end` are positions in `buffer`."""

    buffer: Bytes
    start: Positions
    end: Positions
    at: NDArray[np.float64]
    link: int

    def __len__(self) -> int:
        return len(self.start)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Where a capture stops making sense, and why."""

    text: str


def padded(content: bytes | bytearray) -> Bytes:
    """Return a buffer of bytes with slack behind."""
    buffer = np.zeros(len(content) + SLACK, np.uint8)
    buffer[: len(content)] = np.frombuffer(content, np.uint8)
    return buffer


def gather(buffer: Bytes, positions: Positions, width: int) -> Bytes:
    """Return `width` bytes from each position, one row each; beyond the end there are zeros."""
    last = len(buffer) - width
    windows = np.ndarray((last + 1,), f"V{width}", buffer.data, 0, (1,))
    rows = windows[np.clip(positions, 0, last)]
    return rows.view(np.uint8).reshape(len(positions), width)


def number(rows: Bytes, offset: int, width: int) -> NDArray[np.uint64]:
    """Return big-endian numbers that stand at the same offset of each row."""
    count, stride = rows.shape
    if width not in (1, 2, 4, 8):  # there is no such type: one byte behind the other
        made = rows[:, offset].astype(np.uint64)
        for index in range(offset + 1, offset + width):
            made = made << np.uint64(8) | rows[:, index]
        return made
    column = np.ndarray((count,), f">u{width}", rows.data, offset, (stride,)) if count else rows
    return column.ravel().astype(np.uint64)
