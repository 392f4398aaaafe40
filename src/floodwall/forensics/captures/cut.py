"""Where a large capture may be cut: at what looks like a chain of records.

A guess is proven by what is before it: a part that begins with a record and ends without a rest
ends where the next record begins.  So whoever reads the parts sees whether a guess was right.
"""

import struct
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import padded
from floodwall.forensics.captures.pcap import HEADER_BYTES, LONGEST_FRAME, Form, form_of
from floodwall.forensics.captures.pcapng import Section, section_of

_WINDOW_BYTES = 1 << 20
_LAST_KIND = 10  # of a block that may stand among frames
_CHAIN = 24  # records in a row that make sense
_MOST_TRIED = 4_096
_NEAR_S = 400 * 86_400  # between the first record and any other


def head_of(path: str) -> bytes:
    """Return the header of the file."""
    with Path(path).open("rb") as file:
        return file.read(HEADER_BYTES)


def cut(path: str, edges: Sequence[int]) -> list[tuple[int, int]]:
    """Return parts of a file that begin with a record, near the edges; one part if unsure."""
    size = edges[-1]
    with Path(path).open("rb") as file:
        form = form_of(file.read(HEADER_BYTES))
        first = file.read(4)
        if form is None or len(first) < 4:
            return [(HEADER_BYTES, size)]
        (near,) = struct.unpack(f"{form.order}I", first)
        found = [HEADER_BYTES]
        for edge in edges[1:-1]:
            file.seek(edge)
            at = _record(file.read(_WINDOW_BYTES), form, near)
            if at is not None and edge + at > found[-1]:
                found.append(edge + at)
    return list(pairwise([*found, size]))


def cut_blocks(path: str, edges: Sequence[int]) -> tuple[list[tuple[int, int]], Section]:
    """Return parts of a pcapng file that begin with a block, and what its beginning describes."""
    found = [0]
    with Path(path).open("rb") as file:
        section = section_of(file.read(_WINDOW_BYTES))
        for edge in edges[1:-1] if not section.trouble else ():
            begin = edge & ~3  # all blocks have whole words
            file.seek(begin)
            at = _block(file.read(_WINDOW_BYTES), section.order)
            if at is not None and begin + at > found[-1]:
                found.append(begin + at)
    return list(pairwise([*found, edges[-1]])), section


def _block(content: bytes, order: str) -> int | None:
    """Return the first position of a window where a chain of blocks may begin."""
    words = np.frombuffer(content, f"{order}u4", len(content) // 4)
    if len(words) < 3:
        return None
    size = words[1:].astype(np.int64)
    sound = (words[:-1] > 0) & (words[:-1] <= _LAST_KIND) & (size >= 12) & (size % 4 == 0)
    last = np.arange(len(size)) + size // 4 - 1
    sound &= last < len(words)
    sound[sound] = words[last[sound]] == size[sound]  # it stands at both ends
    every = set(np.flatnonzero(sound).tolist())
    for begin in sorted(every)[:_MOST_TRIED]:
        position = begin
        for _ in range(_CHAIN):
            if position not in every:
                break
            position += int(size[position]) // 4
        else:
            return begin * 4
    return None


def _record(content: bytes, form: Form, near: int) -> int | None:
    """Return the first position of a window where a chain of records may begin."""
    size_of = struct.Struct(f"{form.order}I").unpack_from
    likely = _likely(content, form, near)
    every = set(likely.tolist())
    for begin in map(int, likely[:_MOST_TRIED]):
        position = begin
        for _ in range(_CHAIN):
            if position not in every:
                break
            position += form.record + size_of(content, position + 8)[0]
        else:
            return begin
    return None


def _likely(content: bytes, form: Form, near: int) -> NDArray[np.intp]:
    """Return the positions where a record may begin: its time and its lengths make sense."""
    if len(content) < form.record:
        return np.zeros(0, np.intp)
    count = len(content) - form.record + 1
    buffer = padded(content)
    words = np.ndarray((len(content),), f"{form.order}u4", buffer.data, 0, (1,))
    seconds, parts, captured, length = (words[at : at + count] for at in (0, 4, 8, 12))
    sound = (captured <= length) & (length <= LONGEST_FRAME) & (captured > 0)
    sound &= parts < round(1 / form.unit)
    sound &= (seconds >= max(0, near - _NEAR_S)) & (seconds <= near + _NEAR_S)
    return np.flatnonzero(sound)
