"""The lines that floods are made of, thousands at a time: numpy passes over a block.

Lines in a wrapping that say `drop open request` or how many messages were suppressed, and nothing
more, are read as columns.  Law: whatever else is in a block, also what only looks a little
different, is left to the careful reader.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import Bytes, Positions, gather
from floodwall.forensics.logs.columns import Lines, Splitter, column_at, equal_at, pieces
from floodwall.forensics.logs.digits import (
    ENDPOINT_BYTES,
    LONGEST_COUNT,
    read_counts,
    read_endpoints,
)
from floodwall.forensics.logs.envelope import Stamp
from floodwall.forensics.logs.found import Found
from floodwall.forensics.logs.notable import notable
from floodwall.forensics.logs.runs import Runs, runs_of
from floodwall.forensics.logs.template import DROP, HIDDEN, Template

_AFTER_DOT = 9  # `.123456] `, the end of the kernel's own stamp


@dataclass(frozen=True, slots=True)
class _Rows:
    """Lines that were read, by their index, with what they say."""

    line: Positions
    value: NDArray[np.int64]
    part: NDArray[np.float64]
    template: NDArray[np.uint8]

    def take(self, which: NDArray[np.generic]) -> "_Rows":
        return _Rows(self.line[which], self.value[which], self.part[which], self.template[which])


@dataclass(slots=True)
class Passes:
    """Reads blocks by templates, one pass after the other."""

    _splitter: Splitter = field(default_factory=Splitter)

    def read(self, block: bytes, templates: Sequence[Template]) -> Found:
        """Return what is found in a block of whole lines; a line is of the first that fits."""
        lines = self._splitter.split(block)
        rest = np.ones(len(lines), np.bool_)
        read = []
        for index, template in enumerate(templates):
            left = np.flatnonzero(rest) if index else None
            read.append(_read(template, index, lines, left))
            rest[read[-1].line] = False
        rows = read[0] if len(read) == 1 else _joined(read)
        odd = notable(lines, np.flatnonzero(rest))
        return Found(
            lines.start[rows.line],
            rows.template,
            rows.part,
            rows.value,
            _fresh(rows, templates, lines),
            np.stack([lines.start[odd], lines.end[odd]], axis=1),
        )

    def count(self, words: NDArray[np.uint64], least: int) -> Runs:
        """Count sorted words; of endpoints those that are there so often at least."""
        return runs_of(words, least)


def _joined(read: list[_Rows]) -> _Rows:
    """Return the rows of several templates in the order of their lines."""
    whole = _Rows(
        np.concatenate([one.line for one in read]),
        np.concatenate([one.value for one in read]),
        np.concatenate([one.part for one in read]),
        np.concatenate([one.template for one in read]),
    )
    return whole.take(np.argsort(whole.line, kind="stable"))


def _read(template: Template, index: int, lines: Lines, left: Positions | None) -> _Rows:
    """Return the rows of one template."""
    start = lines.start if left is None else lines.start[left]
    end = lines.end if left is None else lines.end[left]
    message = start + template.message_at
    mine = _wrapped(template, lines.buffer, start) & (end >= message)
    rows = gather(lines.buffer, message, len(DROP))
    is_drop = mine & equal_at(rows, 0, DROP)
    drops = np.flatnonzero(is_drop)
    tails = gather(lines.buffer, end[drops] - ENDPOINT_BYTES, ENDPOINT_BYTES)
    address, port, sound = read_endpoints(tails, (end - message)[drops] - len(DROP))
    found = [drops if len(sound) == len(drops) else drops[sound]]
    values = [(address << np.uint64(16) | port).view(np.int64)]
    others = mine & ~is_drop
    for words, tail in HIDDEN:
        row = np.flatnonzero(others & equal_at(rows, 0, words))
        if len(row):
            width = LONGEST_COUNT + len(tail)
            texts = gather(lines.buffer, end[row] - width, width)
            count, told = read_counts(texts, (end - message)[row] - len(words), tail)
            found.append(row[told])
            values.append(~count[told])
    row = np.concatenate(found)
    order = np.argsort(row, kind="stable")
    row = row[order]
    part, is_timed = _parts(template.stamp, lines.buffer, start[row])
    line = row if left is None else left[row]
    made = _Rows(line, np.concatenate(values)[order], part, np.full(len(row), index, np.uint8))
    return made if is_timed.all() else made.take(np.flatnonzero(is_timed))


def _wrapped(template: Template, buffer: Bytes, start: Positions) -> NDArray[np.bool_]:
    """Tell which lines have the bytes of a template around their times."""
    size, stamp = len(template.prefix), template.stamp
    rows = gather(buffer, start + stamp.size, size + template.uptime)
    mine = equal_at(rows, 0, template.prefix)
    if template.head:
        mine &= equal_at(gather(buffer, start, stamp.begin), 0, template.head)
    if template.uptime:
        mine &= _is_uptime(rows[:, size:])
    return mine


def _is_uptime(rows: Bytes) -> NDArray[np.bool_]:
    """Tell which rows are a stamp of the kernel: spaces, then digits, in brackets."""
    dot = rows.shape[1] - _AFTER_DOT
    is_digit = (rows - np.uint8(ord("0"))) < 10
    sound: NDArray[np.bool_] = rows[:, 0] == ord("[")
    for place in range(1, dot):
        sound &= is_digit[:, place] | (rows[:, place] == ord(" "))
        if place > 1:
            sound &= is_digit[:, place] | ~is_digit[:, place - 1]
    sound &= is_digit[:, dot - 1] & (rows[:, dot] == ord("."))
    sound &= is_digit[:, dot + 1 : dot + 7].all(axis=1)
    sound &= (rows[:, -2] == ord("]")) & (rows[:, -1] == ord(" "))
    return sound


def _parts(
    stamp: Stamp, buffer: Bytes, start: Positions
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return the parts of seconds, and which rows have some where there should be some."""
    digits = stamp.fraction_end - stamp.fraction
    value, sound = np.zeros(len(start), np.int64), np.ones(len(start), np.bool_)
    if digits and len(start):
        texts = gather(buffer, start + stamp.fraction, digits)
        for place in range(digits):
            digit = texts[:, place] - np.uint8(ord("0"))
            sound &= digit < 10
            value = value * 10 + digit
    return value / 10.0**digits, sound  # as float("0.123"): one division of exact numbers


def _fresh(rows: _Rows, templates: Sequence[Template], lines: Lines) -> Positions:
    """Return the rows whose stamps differ from that of the row before."""
    forms = list(dict.fromkeys(template.stamp for template in templates))
    form = np.array([forms.index(template.stamp) for template in templates])[rows.template]
    differs = np.ones(len(form), np.bool_)
    differs[1:] = form[1:] != form[:-1]
    for index, stamp in enumerate(forms):
        chosen = np.flatnonzero(form == index)
        texts = gather(lines.buffer, lines.start[rows.line[chosen]], stamp.size)
        changed = np.zeros(max(0, len(chosen) - 1), np.bool_)
        for begin, end in ((0, stamp.fraction), (stamp.fraction_end, stamp.size)):
            for offset, width in pieces(end - begin) if end > begin else ():
                column = column_at(texts, begin + offset, width)
                changed |= column[1:] != column[:-1]
        differs[chosen[1:][changed]] = True
    return np.flatnonzero(differs)
