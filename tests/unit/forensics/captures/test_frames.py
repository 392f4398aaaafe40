"""Gathers over a buffer."""

import numpy as np

from floodwall.forensics.captures.frames import SLACK, Frames, gather, number, padded


def test_bytes_are_gathered_from_anywhere() -> None:
    """Behind the end there are zeros."""
    buffer = padded(bytes(range(1, 11)))
    rows = gather(buffer, np.array([0, 3, 9, 10, 500, -4]), 4)
    assert rows[:4].tolist() == [[1, 2, 3, 4], [4, 5, 6, 7], [10, 0, 0, 0], [0, 0, 0, 0]]
    assert rows[4].tolist() == [0, 0, 0, 0]
    assert len(buffer) == 10 + SLACK


def test_numbers_are_big_endian() -> None:
    """Of any width up to eight bytes."""
    rows = np.arange(1, 17, dtype=np.uint8).reshape(2, 8)
    assert number(rows, 0, 8).tolist() == [0x0102030405060708, 0x090A0B0C0D0E0F10]
    assert number(rows, 6, 2).tolist() == [0x0708, 0x0F10]


def test_frames_know_their_number() -> None:
    """As many as have a beginning."""
    empty = np.zeros(0, np.int64)
    assert len(Frames(padded(b""), empty, empty, np.zeros(0), 1)) == 0
