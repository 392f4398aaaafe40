"""Follows the chain of records of a capture; long runs of equal records are taken in one step.

Each record tells where the next begins, so they are followed one by one.  But floods are made of
equal records: after a few of the same size, the next thousands are compared at once.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import Positions

_SAME = 8  # equal records in a row before a run is tried
_LONGEST_RUN = 1 << 16
Measure = Callable[[int], tuple[int, int]]
"""Takes a position; returns a key that equal records share, and the size; a size of 0 stops."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Records of a buffer: positions, and where the chain stopped."""

    positions: Positions
    end: int


def follow(content: bytes | bytearray, begin: int, measure: Measure, window: int) -> Chain:
    """Return the whole records from `begin`; the first `window` bytes of equal ones are equal.

    Only the bytes that `measure` looks at have to be within the window.
    """
    parts: list[Positions] = []
    single: list[int] = []
    position, end, same, before = begin, len(content), 0, -1
    while True:
        key, size = measure(position)
        if size <= 0 or position + size > end:
            break
        single.append(position)
        position += size
        same = same + 1 if key == before else 0
        before = key
        if same >= _SAME:
            count = _run(content, position - size, size, window)
            if count:
                parts += [
                    np.array(single, np.int64),
                    position + size * np.arange(count, dtype=np.int64),
                ]
                single = []
                position += size * count
            same = 0 if count >= _SAME else -4 * _SAME
    parts.append(np.array(single, np.int64))
    return Chain(np.concatenate(parts), position)


def _run(content: bytes | bytearray, model: int, size: int, window: int) -> int:
    """Return how many records behind the model have the same sizes, all of them whole."""
    count = min(_LONGEST_RUN, (len(content) - model) // size - 1)
    if count < _SAME:
        return 0
    first = model + size + window
    words = np.ndarray((count,), "<u4", content, first, (size,))
    wanted = int.from_bytes(content[model + window : model + window + 4], "little")
    differs: NDArray[np.bool_] = words != wanted
    at = int(differs.argmax())
    return at if differs[at] else count
