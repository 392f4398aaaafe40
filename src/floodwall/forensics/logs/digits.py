"""Numbers in columns of text: addresses with ports, and counts."""

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import Bytes

_LONGEST_ENDPOINT = 21  # 255.255.255.255/65535
_SHORTEST_ENDPOINT = 9
_LONGEST_COUNT = 9
_MAPPED = np.uint64(0xFFFF << 32)
_DOT, _ZERO = np.uint8(ord(".")), ord("0")


def read_endpoints(
    texts: Bytes, length: NDArray[np.int64]
) -> tuple[NDArray[np.uint64], NDArray[np.uint64], NDArray[np.bool_]]:
    """Return the low words of IPv4 addresses, the ports, and which rows are such text."""
    count = len(texts)
    sound = (length >= _SHORTEST_ENDPOINT) & (length <= _LONGEST_ENDPOINT)
    total, value = np.zeros(count, np.uint32), np.zeros(count, np.uint32)
    fields, digits = np.zeros(count, np.uint8), np.zeros(count, np.uint8)
    columns = np.ascontiguousarray(texts[:, :_LONGEST_ENDPOINT].T)
    shown = length.astype(np.int16)
    for index, column in enumerate(columns):  # masks by arithmetic: no row takes another path
        inside = shown > index
        digit = column - np.uint8(_ZERO)
        is_digit = (digit < 10) & inside
        cut = (column == _DOT + (fields == 3)) & inside  # a slash is what follows the dot
        sound &= is_digit | cut | ~inside
        sound &= ~cut | ((digits > 0) & (digits <= 3) & (value <= 255) & (fields <= 3))
        step, stop = is_digit.view(np.uint8), cut.view(np.uint8)
        total <<= stop * np.uint8(8)
        total |= value * stop
        value *= np.uint8(1) + step * np.uint8(9)
        value += digit * step
        value *= np.uint8(1) - stop
        digits += step
        digits *= np.uint8(1) - stop
        fields += stop
    sound &= (fields == 4) & (digits > 0) & (digits <= 5) & (value <= 65_535)
    return _MAPPED | total, value.astype(np.uint64), sound


def read_counts(
    texts: Bytes, length: NDArray[np.int64], tail: bytes
) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    """Return the numbers that stand before a tail, and which rows are just that."""
    count = len(texts)
    width = (length - len(tail)).astype(np.int64)
    sound = (width >= 1) & (width <= _LONGEST_COUNT)
    value = np.zeros(count, np.int64)
    for index in range(_LONGEST_COUNT):
        digit = texts[:, index] - np.uint8(_ZERO)
        inside = (width > index) & sound
        sound &= ~inside | (digit < 10)
        np.copyto(value, value * 10 + digit, where=inside)
    rows = np.arange(count)
    position = np.clip(width, 0, texts.shape[1] - len(tail))
    for index, letter in enumerate(tail):
        sound &= texts[rows, position + index] == letter
    return value, sound
