"""Numbers at the end of lines, thousands at a time: addresses with ports, and counts.

The rows of text stand flush right, so what a number means is told by its column.
"""

from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import Bytes
from floodwall.forensics.logs.columns import equal_at

ENDPOINT_BYTES = 32
"""Width of a row with an endpoint at its end."""
LONGEST_COUNT = 9
_ZERO = np.uint8(ord("0"))
_FORMS = 3 * 3 * 3 * 5
_FIRST = 12  # no mark of an endpoint of up to 21 bytes stands before this column


@dataclass(frozen=True, slots=True)
class _Shapes:
    """How endpoints are written, by the columns of their dots and slashes; row 0 is no endpoint.

    There are 405: four numbers of one to three digits, and one of one to five.  Those that differ
    in the first number only stand `_FORMS` rows apart.
    """

    of_marks: NDArray[np.uint16]
    """Shape with a first number of one digit, by the bits of the columns from `_FIRST` on that
    have a dot or a slash."""
    length: NDArray[np.uint8]
    digits: NDArray[np.uint32]
    """Bits of the columns with digits."""
    slash: NDArray[np.uint32]
    last: NDArray[np.uint32]
    """Columns of the last digits of the four numbers, one byte each."""
    least: NDArray[np.uint32]
    """The smallest numbers without a leading zero, one byte each.

    Python's ipaddress takes no leading zeros either: some programs read them as octal.
    """
    several: NDArray[np.uint32]
    """1 for each number of more than one digit, one byte each."""
    port: NDArray[np.uint8]
    """Number of digits of the port."""


def _shapes() -> _Shapes:
    every = list(product((1, 2, 3), (1, 2, 3), (1, 2, 3), (1, 2, 3), (1, 2, 3, 4, 5)))
    sizes = np.array([(0, 0, 0, 0, 0), *every])
    slash = ENDPOINT_BYTES - 1 - sizes[:, 4]
    before = np.cumsum(sizes[:, 3:0:-1] + 1, axis=1)[:, ::-1]
    marks = np.column_stack([slash[:, None] - before, slash])
    bits = np.bitwise_or.reduce(1 << marks, axis=1)
    length = sizes.sum(axis=1) + 4
    of_marks = np.zeros(1 << (ENDPOINT_BYTES - _FIRST), np.uint16)
    of_marks[bits[1 : _FORMS + 1] >> _FIRST] = np.arange(1, _FORMS + 1)
    text = (1 << ENDPOINT_BYTES) - (1 << (ENDPOINT_BYTES - length))
    least = np.array([0, 0, 10, 100])[sizes[:, :4]]
    length[0] = 0
    return _Shapes(
        of_marks,
        length.astype(np.uint8),
        (text & ~bits).astype(np.uint32),
        (1 << slash).astype(np.uint32),
        _in_bytes(marks - 1),
        _in_bytes(least),
        _in_bytes(sizes[:, :4] > 1),
        sizes[:, 4].astype(np.uint8),
    )


def _in_bytes(rows: NDArray[np.generic]) -> NDArray[np.uint32]:
    """Return four small numbers as one word: numpy fetches words much faster than rows."""
    return np.ascontiguousarray(rows.astype(np.uint8)).view(np.uint32).ravel()


def _bytes_of(words: NDArray[np.uint32]) -> NDArray[np.uint8]:
    return words.view(np.uint8).reshape(-1, 4)


_SHAPES = _shapes()


def read_endpoints(
    rows: Bytes, length: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.int64]]:
    """Return IPv4 addresses and ports, and the rows that end in just that many bytes of them."""
    flat = rows.ravel()
    slash = _bits(flat == ord("/"))
    marks = _bits(flat == ord(".")) | slash
    digit = flat - _ZERO
    is_digit = digit < 10
    shape = _SHAPES.of_marks[(marks >> np.uint32(_FIRST)).astype(np.intp)].astype(np.intp)
    more = length - _SHAPES.length[shape]
    sound = (shape > 0) & (more >= 0) & (more <= 2)
    shape += _FORMS * (more * sound)
    sound &= _SHAPES.slash[shape] == slash
    wanted = _SHAPES.digits[shape]
    sound &= wanted & _bits(is_digit) == wanted
    digit *= is_digit
    base = np.arange(0, len(flat), ENDPOINT_BYTES)[:, None]
    at = _bytes_of(_SHAPES.last[shape]) + base
    hundreds = digit[at - 2] * _bytes_of(_SHAPES.several[shape])
    octets = digit[at] + np.uint16(10) * digit[at - 1] + np.uint16(100) * hundreds
    wrong = (octets > 255) | (octets < _bytes_of(_SHAPES.least[shape]))
    sound &= wrong.view(np.uint32).ravel() == 0
    port, size = digit[ENDPOINT_BYTES - 1 :: ENDPOINT_BYTES].astype(np.uint32), _SHAPES.port[shape]
    for place in range(1, 5):
        one = digit[ENDPOINT_BYTES - 1 - place :: ENDPOINT_BYTES] * (size > place)
        port += np.uint32(10**place) * one
    sound &= port <= 65_535
    address = octets.astype(np.uint8).view(">u4").ravel().astype(np.uint64)
    index = np.flatnonzero(sound)
    if len(index) == len(rows):
        return address, port.astype(np.uint64), index
    return address[index], port[index].astype(np.uint64), index


def _bits(flags: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """Return a bit for each column, the first one lowest; one word a row."""
    return np.packbits(flags, bitorder="little").view("<u4")


def read_counts(
    rows: Bytes, length: NDArray[np.int64], tail: bytes
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the numbers before a tail at the end of rows, and which end in just those bytes."""
    width = length - len(tail)
    sound = (width >= 1) & (width <= LONGEST_COUNT)
    first = rows.shape[1] - len(tail)
    sound &= equal_at(rows, first, tail)
    value = np.zeros(len(rows), np.int64)
    for place in range(LONGEST_COUNT):
        digit = rows[:, first - 1 - place] - _ZERO
        inside = width > place
        sound &= ~inside | (digit < 10)
        value += digit * inside * np.int64(10**place)
    return value, sound
