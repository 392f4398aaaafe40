"""The lines that floods are made of, thousands at a time.

The wrapping of `drop open request` is learned from a line that the careful reader understood.
Lines in the same wrapping that say just that, or how many messages were suppressed, are read as
columns.  Law: whatever else is in a block, also what only looks a little different, is left to the
careful reader, and both come to the same.
"""

import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import Positions, gather
from floodwall.forensics.logs.columns import Lines, column_at, equal_at, pieces
from floodwall.forensics.logs.digits import (
    ENDPOINT_BYTES,
    LONGEST_COUNT,
    read_counts,
    read_endpoints,
)
from floodwall.forensics.logs.envelope import Line, Stamp, stamp_of

DROP = b"TCP: drop open request from "
_HIDDEN = (
    (b"NET: ", b" messages suppressed."),
    (b"net_ratelimit: ", b" callbacks suppressed"),
)  # not those of any subsystem: what they count is told by the line behind them
_PREFIX = re.compile(rb" (?:\S{1,255} )?kernel: ")
_LONGEST_PREFIX = 72
_MOST_TEMPLATES = 4


@dataclass(frozen=True, slots=True)
class Template:
    """A wrapping: the time, then bytes that are the same in every line, then the message."""

    stamp: Stamp
    prefix: bytes
    """From behind the time to the message: host and tag, and no time stamp of the kernel."""
    host: bytes

    @property
    def message_at(self) -> int:
        """Where the message begins."""
        return self.stamp.size + len(self.prefix)


@dataclass(slots=True)
class Found:
    """What the columns gave, one row a line that was read, in the order of the lines."""

    line: Positions
    template: NDArray[np.uint8]
    """Index of the template of each."""
    part: NDArray[np.float64]
    """Parts of a second of each."""
    hidden: NDArray[np.int64]
    """How many messages each says were suppressed; -1 for a dropped request."""
    address: NDArray[np.uint64]
    port: NDArray[np.uint64]
    fresh: Positions
    """Rows whose time, but for the parts of a second, is written differently from that before."""

    def __len__(self) -> int:
        return len(self.line)

    def take(self, which: NDArray[np.generic]) -> "Found":
        """Return some rows, all of them as with a time of their own."""
        line = self.line[which]
        return Found(
            line, self.template[which], self.part[which], self.hidden[which],
            self.address[which], self.port[which], np.arange(len(line)),
        )  # fmt: skip


@dataclass(slots=True)
class FastLines:
    """Reads blocks by the templates that it has learned."""

    templates: list[Template] = field(default_factory=list)

    def learn(self, raw: bytes, line: Line) -> None:
        """Take a line of the kernel that the careful reader trusted and understood."""
        stamp = stamp_of(raw)
        if len(self.templates) >= _MOST_TEMPLATES or stamp is None or line.count != 1:
            return
        prefix = raw[stamp.size : len(raw) - len(line.message)]
        if line.uptime or len(prefix) > _LONGEST_PREFIX or not raw.endswith(line.message):
            return
        template = Template(stamp, prefix, line.host)
        if _PREFIX.fullmatch(prefix) and template not in self.templates:
            self.templates.append(template)

    def forget(self, hosts: set[bytes]) -> None:
        """Let the templates go whose hosts turned out to speak in another way."""
        self.templates = [one for one in self.templates if one.host not in hosts]

    def read(self, lines: Lines) -> Found:
        """Return what all templates find; a line belongs to the first that fits."""
        left: Positions | None = None
        found = []
        for index, template in enumerate(self.templates):
            one = _read(template, index, lines, left)
            found.append(one)
            if index + 1 < len(self.templates):
                free = np.ones(len(lines), np.bool_)
                for other in found:
                    free[other.line] = False
                left = np.flatnonzero(free)
        whole = found[0] if len(found) == 1 else _joined(found)
        whole.fresh = _fresh(whole, self.templates, lines)
        return whole


def _joined(found: list[Found]) -> Found:
    """Return the rows of several templates in the order of their lines."""
    whole = Found(
        np.concatenate([one.line for one in found]),
        np.concatenate([one.template for one in found]),
        np.concatenate([one.part for one in found]),
        np.concatenate([one.hidden for one in found]),
        np.concatenate([one.address for one in found]),
        np.concatenate([one.port for one in found]),
        np.zeros(0, np.int64),
    )
    return whole.take(np.argsort(whole.line, kind="stable"))


def _read(template: Template, index: int, lines: Lines, left: Positions | None) -> Found:
    """Return the rows of one template, without their times."""
    start = lines.start if left is None else lines.start[left]
    end = lines.end if left is None else lines.end[left]
    size = len(template.prefix)
    rows = gather(lines.buffer, start + template.stamp.size, size + len(DROP))
    length = end - start - template.message_at
    mine = equal_at(rows, 0, template.prefix) & (length >= 0)
    is_drop = mine & equal_at(rows, size, DROP)
    drops = np.flatnonzero(is_drop)
    tails = gather(lines.buffer, end[drops] - ENDPOINT_BYTES, ENDPOINT_BYTES)
    address, port, sound = read_endpoints(tails, length[drops] - len(DROP))
    drops = drops if len(sound) == len(drops) else drops[sound]
    parts = [drops]
    counts = [np.full(len(drops), -1, np.int64)]
    others = mine & ~is_drop
    for words, tail in _HIDDEN:
        row = np.flatnonzero(others & equal_at(rows, size, words))
        if len(row):
            width = LONGEST_COUNT + len(tail)
            texts = gather(lines.buffer, end[row] - width, width)
            count, told = read_counts(texts, length[row] - len(words), tail)
            parts.append(row[told])
            counts.append(count[told])
    row = np.concatenate(parts)
    order = np.argsort(row, kind="stable")
    row, hidden = row[order], np.concatenate(counts)[order]
    wide = np.zeros((2, len(row)), np.uint64)
    named = np.flatnonzero(hidden < 0)
    wide[0, named], wide[1, named] = address, port
    line = row if left is None else left[row]
    found = Found(
        line, np.full(len(row), index, np.uint8), np.zeros(len(row)), hidden, wide[0], wide[1],
        np.zeros(0, np.int64),
    )  # fmt: skip
    return _with_parts(found, template.stamp, lines)


def _with_parts(found: Found, stamp: Stamp, lines: Lines) -> Found:
    """Read the parts of seconds; rows that have none go."""
    digits = stamp.fraction_end - stamp.fraction
    if not digits or not len(found):
        return found
    texts = gather(lines.buffer, lines.start[found.line] + stamp.fraction, digits)
    value, sound = np.zeros(len(found), np.int64), np.ones(len(found), np.bool_)
    for place in range(digits):
        digit = texts[:, place] - np.uint8(ord("0"))
        sound &= digit < 10
        value = value * 10 + digit
    found.part = value / 10.0**digits  # as float("0.123"): one division of exact numbers
    return found if sound.all() else found.take(np.flatnonzero(sound))


def _fresh(found: Found, templates: list[Template], lines: Lines) -> Positions:
    """Return the rows whose stamps differ from that of the row before."""
    forms = list(dict.fromkeys(template.stamp for template in templates))
    form = np.array([forms.index(template.stamp) for template in templates])[found.template]
    differs = np.ones(len(found), np.bool_)
    differs[1:] = form[1:] != form[:-1]
    for index, stamp in enumerate(forms):
        chosen = np.flatnonzero(form == index)
        rows = gather(lines.buffer, lines.start[found.line[chosen]], stamp.size)
        changed = np.zeros(max(0, len(chosen) - 1), np.bool_)
        for begin, end in ((0, stamp.fraction), (stamp.fraction_end, stamp.size)):
            for offset, width in pieces(end - begin) if end > begin else ():
                column = column_at(rows, begin + offset, width)
                changed |= column[1:] != column[:-1]
        differs[chosen[1:][changed]] = True
    return np.flatnonzero(differs)
