"""The lines that floods are made of, thousands at a time.

The wrapping of `drop open request` and `messages suppressed` is learned from a line that the
careful reader understood.  Lines with the same wrapping are then read as columns; everything else
in the block, also what only looks a little different, goes to the careful reader.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import Bytes, Positions, gather
from floodwall.forensics.logs.digits import read_counts, read_endpoints

DROP = b"TCP: drop open request from "
_KERNEL = b"kernel: "
# What stands before and behind the number, and whether it is of any subsystem.
_HIDDEN = (
    (b"NET: ", b" messages suppressed.", False),
    (b"printk: ", b" messages suppressed.", True),
    (b"net_ratelimit: ", b" callbacks suppressed", False),
)
_WIDTH = 96  # bytes of a line that are looked at
_LONGEST_PREFIX = 72
_MOST_TEMPLATES = 4
_LONG_LINE = 90  # a LOG line of a firewall, whose message begins with anything, is longer
_FIRST_WORDS = (
    b"TCP:", b"TCPv", b"poss", b"Poss", b"NET:", b"prin", b"__ra", b"net_", b"nf_c", b"ip_c",
    b"dst ", b"Neig", b"neig", b"ipv4", b"Out ", b"sone", b"Warn", b"drop", b"** 1", b"requ",
    b"too ", b"time", b"mess", b"last",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Template:
    """A wrapping: the time, then bytes that are the same in every line, then the message."""

    stamp: int
    """Bytes of the time."""
    prefix: bytes
    """From behind the time to the message: host and tag, and no time stamp of the kernel."""

    @property
    def message_at(self) -> int:
        """Where the message begins."""
        return self.stamp + len(self.prefix)


@dataclass(slots=True)
class Found:
    """What the columns gave: positions of lines, and what stands in them."""

    lines: Positions
    """Index of each line that was read."""
    address: NDArray[np.uint64]
    port: NDArray[np.uint64]
    hidden_lines: Positions
    hidden: NDArray[np.int64]
    clean: NDArray[np.bool_]
    """Lines that the careful reader need not see, read or harmless."""
    foreign: bool
    """Whether any of the clean ones was written by another program."""


@dataclass(slots=True)
class Lines:
    """Where the lines of a block begin and end."""

    buffer: Bytes
    start: Positions
    end: Positions

    def __len__(self) -> int:
        return len(self.start)


@dataclass(slots=True)
class FastLines:
    """Reads blocks by the templates that it has learned."""

    templates: list[Template] = field(default_factory=list)

    def learn(self, raw: bytes) -> None:
        """Take a line of the kernel that the careful reader trusted and understood."""
        if len(self.templates) >= _MOST_TEMPLATES:
            return
        at = raw.find(DROP)
        stamp = 15 if raw[:1].isalpha() else raw.find(b" ")
        if at < 0 or stamp <= 0 or stamp > 40 or at > _LONGEST_PREFIX:
            return
        prefix = raw[stamp:at]
        if not prefix.endswith(_KERNEL) or not prefix.startswith(b" ") or b"[" in prefix:
            return
        template = Template(stamp, prefix)
        if template not in self.templates:
            self.templates.append(template)

    def read(self, lines: Lines) -> list[tuple[Template, Found]]:
        """Return what each template finds; a line belongs to the first that fits."""
        left = np.arange(len(lines))
        found = []
        for template in self.templates:
            if not len(left):
                break
            one = _read(template, lines, left)
            found.append((template, one))
            left = left[~one.clean[left]]
        return found


def split(block: bytes) -> Lines:
    """Return the lines of a block that ends with a line."""
    content = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(content == 10)
    starts = np.empty_like(ends)
    if len(ends):
        starts[0] = 0
        starts[1:] = ends[:-1] + 1
    buffer = np.zeros(len(block) + _WIDTH, np.uint8)
    buffer[: len(block)] = content
    return Lines(buffer, starts, ends)


def _read(template: Template, lines: Lines, left: Positions) -> Found:
    rows = gather(lines.buffer, lines.start[left], _WIDTH)
    length = (lines.end - lines.start)[left]
    at = template.message_at
    host = _equal(rows, template.stamp, template.prefix[: -len(_KERNEL)])
    mine = host & _equal(rows, at - len(_KERNEL), _KERNEL)
    is_drop = mine & _equal(rows, at, DROP)
    begin = at + len(DROP)
    chosen = np.flatnonzero(is_drop)
    address, port, sound = read_endpoints(rows[chosen, begin:], length[chosen] - begin)
    chosen = chosen[sound]
    clean = np.zeros(len(lines), np.bool_)
    clean[left[chosen]] = True
    is_read = np.zeros(len(left), np.bool_)
    is_read[chosen] = True
    hidden_rows, hidden = _hidden(rows, length, mine & ~is_drop, at, is_read)
    is_read[hidden_rows] = True
    clean[left[hidden_rows]] = True
    foreign = host & ~mine & ~_equal(rows, at - len(_KERNEL), _KERNEL[:6])
    harmless = mine & ~is_read & (length < _LONG_LINE) & ~_is_start(rows, at)
    clean[left[harmless | foreign]] = True
    return Found(
        left[chosen], address[sound], port[sound], left[hidden_rows], hidden, clean,
        bool(foreign.any()),
    )  # fmt: skip


def _hidden(
    rows: Bytes,
    length: NDArray[np.int64],
    among: NDArray[np.bool_],
    at: int,
    drops: NDArray[np.bool_],
) -> tuple[Positions, NDArray[np.int64]]:
    """Return the rows that count suppressed messages, and how many."""
    parts, counts = [], []
    followed = np.r_[drops[1:], False]
    for words, tail, any_subsystem in _HIDDEN:
        chosen = among & _equal(rows, at, words)
        if any_subsystem:  # belongs to the message behind it
            chosen &= followed
        index = np.flatnonzero(chosen)
        if len(index):
            begin = at + len(words)
            count, sound = read_counts(rows[index, begin:], length[index] - begin, tail)
            parts.append(index[sound])
            counts.append(count[sound])
    if not parts:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    every, number = np.concatenate(parts), np.concatenate(counts)
    order = np.argsort(every)
    return every[order], number[order]


def _equal(rows: Bytes, at: int, words: bytes) -> NDArray[np.bool_]:
    """Tell which rows have these bytes at a position; eight at a time."""
    same = np.ones(len(rows), np.bool_)
    if not len(rows):
        return same
    position = 0
    for width in (8, 4, 2, 1):
        while len(words) - position >= width:
            wanted = int.from_bytes(words[position : position + width], "little")
            column = np.ndarray(
                (len(rows),), f"<u{width}", rows.data, at + position, (rows.shape[1],)
            )
            same &= column == wanted
            position += width
    return same


def _is_start(rows: Bytes, at: int) -> NDArray[np.bool_]:
    """Tell which messages begin like one that matters, or with a time stamp."""
    if not len(rows):
        return np.zeros(0, np.bool_)
    first = np.ndarray((len(rows),), "<u4", rows.data, at, (rows.shape[1],)).copy()
    wanted = np.array([int.from_bytes(start, "little") for start in _FIRST_WORDS], np.uint32)
    return np.isin(first, wanted) | np.isin(rows[:, at], (ord("["), ord("*")))
