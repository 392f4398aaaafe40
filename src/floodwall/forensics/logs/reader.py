"""Reads a log in blocks, finds the lines that matter, and gives them to a partial."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import gather
from floodwall.forensics.evidence import Flag, Origin, blank, words_of
from floodwall.forensics.logs.envelope import LONGEST_LINE, Envelopes, Line
from floodwall.forensics.logs.fast import FastLines, Found, Lines, Template, split
from floodwall.forensics.logs.messages import (
    INTERESTING,
    LARGEST_COUNT,
    Drop,
    Hidden,
    Scope,
    Warned,
    read_message,
)
from floodwall.forensics.logs.netfilter import Fields, read_packet
from floodwall.forensics.partial import Mark, Partial, Suppressed
from floodwall.forensics.words import printable

BLOCK_BYTES = 1 << 21
_BATCH = 32_768
_SAMPLE = 160
_TELLING = (b"drop open request from", b"SYN flooding on port")
_ANY_SUBSYSTEM = (b"printk: ", b"__ratelimit: ")
_LAST_REPEATED = b"last message repeated "


def whole_lines(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield blocks that end with a line; a line longer than a block is cut, and skipped on."""
    rest, skipping = b"", False
    for block in blocks:
        if skipping:
            _, newline, block = block.partition(b"\n")  # noqa: PLW2901 # what is left of it
            skipping = not newline
        end = block.rfind(b"\n") + 1
        if end:
            yield rest + block[:end]
            rest = block[end:]
        elif not skipping:
            rest += block
        if len(rest) > BLOCK_BYTES:
            yield rest[:LONGEST_LINE] + b"\n"
            rest, skipping = b"", True
    if rest:
        yield rest + b"\n"


@dataclass(slots=True)
class LogReader:
    """Turns the lines of one log into evidence."""

    envelopes: Envelopes
    partial: Partial
    records: int = 0
    uptime: bool = False
    notes: dict[str, None] = field(default_factory=dict)
    fast: FastLines = field(default_factory=FastLines)
    _rows: list[tuple[float, int, int, Fields]] = field(default_factory=list)
    _pending: Suppressed | None = None
    _was_network: bool = False
    _hidden: int = 0
    _last_drop: tuple[float, Drop] | None = None

    def read(self, block: bytes) -> None:
        """Take a block of whole lines."""
        if not self.fast.templates or self._pending is not None or b"message repeated" in block:
            self._scan(block)
            return
        lines = split(block)
        read = self.fast.read(lines)
        clean = np.zeros(len(lines), np.bool_)
        for _, found in read:
            clean |= found.clean
        left = [block[lines.start[at] : lines.end[at]] for at in np.flatnonzero(~clean).tolist()]
        if any(words in raw for raw in left for words in _ANY_SUBSYSTEM):
            self._scan(block)  # what they count is told by the line behind them
            return
        for template, found in read:
            self._columns(block, lines, template, found)
        drops = sum(len(found.lines) for _, found in read)
        foreign = any(found.foreign for _, found in read)
        if foreign and (block.count(_TELLING[0]) != drops or _TELLING[1] in block):
            self._scan(block, lines, clean)
            return
        for raw in left:
            if INTERESTING.search(raw):
                self.take(raw)

    def _scan(
        self, block: bytes, lines: Lines | None = None, clean: NDArray[np.bool_] | None = None
    ) -> None:
        """Look at every line that holds a word that matters; not at those that were read."""
        done = 0
        if self._pending is not None:
            done = self._settle_on(block)
        for found in INTERESTING.finditer(block):
            position = found.start()
            if position < done:
                continue
            start = block.rfind(b"\n", 0, position) + 1
            end = block.find(b"\n", position)
            done = end if end >= 0 else len(block)
            if lines is not None and clean is not None:
                index = int(np.searchsorted(lines.start, start))
                if clean[index] and not self._is_foreign(block[start:done]):
                    continue
            self.take(block[start:done])
            if self._pending is not None:
                following = block.find(b"\n", done + 1)
                if following > 0 and not INTERESTING.search(block, done + 1, following):
                    self.take(block[done + 1 : following])
                    done = following

    def _is_foreign(self, raw: bytes) -> bool:
        """Tell whether a clean line is that of another program; those of the kernel were read."""
        return not any(raw[one.stamp : one.message_at] == one.prefix for one in self.fast.templates)

    def _columns(self, block: bytes, lines: Lines, template: Template, found: Found) -> None:
        """Take what the columns gave, with the times of its lines."""
        every = np.concatenate([found.lines, found.hidden_lines])
        if not len(every):
            return
        every.sort()
        stamps = gather(lines.buffer, lines.start[every], template.stamp)
        new = np.r_[True, (stamps[1:] != stamps[:-1]).any(axis=1)]
        heads = lines.start[every[new]].tolist()
        times = np.array([self.envelopes.moment(block, head) for head in heads])
        at = times[np.cumsum(new) - 1]
        self.records += len(every)
        self._take_drops(at[np.searchsorted(every, found.lines)], found)
        hidden_at = at[np.searchsorted(every, found.hidden_lines)]
        moments, index = np.unique(hidden_at, return_inverse=True)
        totals = np.bincount(index.ravel(), found.hidden, len(moments))
        for moment, total in zip(moments.tolist(), totals.tolist(), strict=True):
            self.partial.suppress(Suppressed(moment, int(total), network=True))
        self._was_network = True

    def _take_drops(self, at: NDArray[np.float64], found: Found) -> None:
        made = blank(len(found.lines))
        made["at"], made["source_low"] = at, found.address
        made["source_port"] = found.port
        made["flags"], made["origin"] = int(Flag.SYN), int(Origin.DROPPED)
        self.partial.add_dropped(made)
        total = np.concatenate([[0], np.cumsum(found.hidden)])
        before = total[np.searchsorted(found.hidden_lines, found.lines)]
        fresh = np.diff(before, prepend=0)
        fresh[:1] += self._hidden  # what the block before ended with
        credited = np.flatnonzero(fresh)
        self._hidden = int(total[-1] - before[-1] if len(before) else self._hidden + total[-1])
        low = found.address[credited]
        self.partial.credit(np.zeros_like(low), low, fresh[credited])

    def flush(self) -> None:
        """Give the partial what is read so far; more may come."""
        self._flush()

    def finish(self) -> None:
        """Give the partial what is left."""
        if self._pending is not None:
            self._settle(network=self._was_network)
        self._flush()

    def take(self, raw: bytes) -> None:
        """Take one line as it stands in the log."""
        self.take_line(self.envelopes.open(raw), raw)

    def take_line(self, line: Line, raw: bytes) -> None:
        """Take a line without its wrapping, and as it stood."""
        self.uptime = self.uptime or line.uptime
        message = read_message(line.message)
        packet = None if message else read_packet(line.message)
        if not line.trusted:
            self._distrust(raw, told=(message or packet) is not None)
            return
        network = not isinstance(message, Hidden) and (message or packet) is not None
        if self._pending is not None:
            self._settle(network=network or (bool(message) and self._was_network))
        if not isinstance(message, Hidden):
            self._was_network = network
        if message or packet:
            self.records += 1
        if packet:
            self._row(line, Origin.FIREWALL, packet)
        elif isinstance(message, Drop):
            self._drop(line, message)
            self.fast.learn(raw)
        elif isinstance(message, Hidden):
            self._hide(line, message)
        elif message:
            self._mark(line, message)

    def _distrust(self, raw: bytes, *, told: bool) -> None:
        if told or any(words in raw for words in _TELLING):
            self.partial.distrust(printable(raw[:_SAMPLE]))
        elif _LAST_REPEATED in raw[:200]:
            self._repeat(raw)

    def _settle_on(self, block: bytes) -> int:
        end = block.find(b"\n")
        self.take(block[:end])
        return end

    def _settle(self, *, network: bool) -> None:
        pending, self._pending = self._pending, None
        if pending is not None:
            self.partial.suppress(Suppressed(pending.at, pending.count, network))

    def _drop(self, line: Line, message: Drop) -> None:
        self._last_drop = (line.at, message)
        if message.address is None:
            self.partial.mask(line.at)
            self.notes["some source addresses were made unreadable"] = None
            return
        source = words_of(message.address)
        if self._hidden:
            high, low = (np.array([word], np.uint64) for word in source)
            self.partial.credit(high, low, np.array([self._hidden]))
            self._hidden = 0
        fields = (source, (0, 0), message.port, 0, int(Flag.SYN), 0, 0, 0, 0, 0)
        self._row(line, Origin.DROPPED, (*fields, 0))

    def _row(self, line: Line, origin: Origin, packet: Fields) -> None:
        self._rows.append((line.at, int(origin), line.count, packet))
        if len(self._rows) >= _BATCH:
            self._flush()

    def _hide(self, line: Line, message: Hidden) -> None:
        if message.saturated:
            self.notes[f"a count of suppressed messages was no number below {LARGEST_COUNT}"] = None
        suppressed = Suppressed(line.at, message.count, network=True)
        self._hidden += message.count
        if message.scope is Scope.NETWORK:
            self.partial.suppress(suppressed)
        else:
            self._pending = suppressed

    def _mark(self, line: Line, message: Warned) -> None:
        count = max(message.count, line.count)
        at = math.nan if line.uptime else line.at  # a hint is told with a date or without a time
        mark = Mark(at, message.sign, message.port, message.address, message.action, count)
        self.partial.mark(mark)

    def _repeat(self, raw: bytes) -> None:
        """`last message repeated N times` stands for the line above it, if that was ours."""
        digits = raw.partition(_LAST_REPEATED)[2].partition(b" ")[0]
        if self._last_drop is None or not digits.isdigit() or len(digits) > 9:
            return
        at, message = self._last_drop
        self._last_drop = None
        line = Line(b"", at, count=min(int(digits), 0xFFFFFFFF))
        if message.address is not None:
            self._drop(line, message)
            self._last_drop = None

    def _flush(self) -> None:
        rows, self._rows = self._rows, []
        if not rows:
            return
        segments = blank(len(rows))
        names = ("source_port", "port", "flags", "ttl", "window", "mss", "sequence")
        segments["at"] = [row[0] for row in rows]
        segments["origin"] = [row[1] for row in rows]
        segments["weight"] = [row[2] for row in rows]
        ends = np.array([(*row[3][0], *row[3][1]) for row in rows], np.uint64)
        for column, name in enumerate(("source_high", "source_low", "victim_high", "victim_low")):
            segments[name] = ends[:, column]
        for column, name in enumerate((*names, "acknowledgement", "data"), 2):
            segments[name] = [row[3][column] for row in rows]
        self.partial.add(segments)
