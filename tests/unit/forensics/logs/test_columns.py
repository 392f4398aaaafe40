"""Lines as columns."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from floodwall.forensics.captures.frames import gather
from floodwall.forensics.logs.columns import Splitter, equal_at, pieces


@given(st.lists(st.lists(st.integers(0, 40), max_size=9), min_size=1, max_size=4))
def test_lines_are_split_where_they_end(blocks: list[list[int]]) -> None:
    """Empty ones and short ones too, and in the memory of the block before."""
    splitter = Splitter()
    for sizes in blocks:
        texts = [b"x" * size for size in sizes]
        content = b"".join(text + b"\n" for text in texts)
        lines = splitter.split(content)
        edges = zip(lines.start.tolist(), lines.end.tolist(), strict=True)
        assert [content[begin:end] for begin, end in edges] == texts
        assert len(lines) == len(texts)


def test_nothing_of_an_earlier_block_stands_behind_a_shorter_one() -> None:
    """Zeros do: what is gathered over the end is no text."""
    splitter = Splitter()
    splitter.split(b"abcdefgh" * 99 + b"\n")
    lines = splitter.split(b"ab\n")
    assert gather(lines.buffer, lines.start, 8).tobytes() == b"ab\n\0\0\0\0\0"


@given(st.binary(min_size=1, max_size=40), st.integers(0, 8), st.integers(0, 39))
def test_equal_bytes_are_told_at_every_width(words: bytes, at: int, changed: int) -> None:
    """And one different byte anywhere."""
    row = b"?" * at + words + b"!"
    other = bytearray(row)
    other[at + changed % len(words)] ^= 1
    rows = np.frombuffer(row + bytes(other), np.uint8).reshape(2, -1)
    assert equal_at(rows, at, words).tolist() == [True, False]


@given(st.integers(1, 80))
def test_pieces_cover_all_bytes(size: int) -> None:
    """And none outside."""
    covered = {at for begin, width in pieces(size) for at in range(begin, begin + width)}
    assert covered == set(range(size))
