"""Reads a log in blocks, finds the lines that matter, and gives them to a partial."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.evidence import Flag, Origin, blank, words_of
from floodwall.forensics.logs.envelope import LONGEST_LINE, Envelopes, Line
from floodwall.forensics.logs.fast import FastLines
from floodwall.forensics.logs.found import Found
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
from floodwall.forensics.logs.packed import Batch
from floodwall.forensics.logs.seam import Recent, Seam
from floodwall.forensics.partial import Mark, Partial, Suppressed
from floodwall.forensics.words import printable

BLOCK_BYTES = 1 << 21
_BATCH = 32_768
_SAMPLE = 160
_DEAR = 3  # if more than one line in four is odd, runs of columns are too short to gain anything
_TELLING = (b"drop open request from", b"SYN flooding on port")
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
            yield b"".join((rest, memoryview(block)[:end]))
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
    _batch: Batch = field(init=False)

    def __post_init__(self) -> None:
        """Count with what reads the lines."""
        self._batch = Batch(self.fast.engine)

    def read(self, block: bytes) -> None:
        """Take a block of whole lines."""
        while self._pending is not None and block:
            block = block[self._take_at(block, 0) :]
        self.fast.forget(self.envelopes.stamped)
        if not self.fast.templates:
            block = block[self._scan(block, until_learned=True) :]
        if not block:
            return
        found = self.fast.read(block)
        odd = [
            (start, end)
            for start, end in found.odd.tolist()
            if INTERESTING.search(block, start, end)
        ]
        if len(odd) * _DEAR > len(found):
            self._scan(block)
        else:
            self._pass(block, found, odd)

    def _scan(self, block: bytes, *, until_learned: bool = False) -> int:
        """Look at every line that holds a word that matters; return where to go on."""
        done = 0
        for found in INTERESTING.finditer(block):
            position = found.start()
            if position < done:
                continue
            start = block.rfind(b"\n", 0, position) + 1
            end = block.find(b"\n", position)
            done = end if end >= 0 else len(block)
            self.take(block[start:done])
            while self._pending is not None and (end := block.find(b"\n", done + 1)) > 0:
                self.take(block[done + 1 : end])
                done = end
            if until_learned and self.fast.templates and self._pending is None:
                return done + 1
        return len(block)

    def _pass(self, block: bytes, found: Found, odd: list[tuple[int, int]]) -> None:
        """Take what was read, and the other lines between, in the order of the log."""
        row = after = 0
        for start, end in odd:
            if start < after:
                continue
            before = int(np.searchsorted(found.start, start))
            self._rows_of(block, found, row, before)
            self.take(block[start:end])
            after = end + 1
            while self._pending is not None and after < len(block):
                after = self._take_at(block, after)
            if self.fast.doubts(self.envelopes.stamped):
                self.read(block[after:])
                return
            row = int(np.searchsorted(found.start, after))
        self._rows_of(block, found, row, len(found))

    def _take_at(self, block: bytes, start: int) -> int:
        """Take the line that begins there; return where the next one does."""
        end = block.find(b"\n", start)
        self.take(block[start:end])
        return end + 1

    def _rows_of(self, block: bytes, found: Found, begin: int, end: int) -> None:
        """Take some rows with their times; what turns out to have none goes line by line."""
        if begin == end:
            return
        done = begin
        inner = found.fresh[np.searchsorted(found.fresh, begin, "right") :]
        heads = [begin, *inner[: np.searchsorted(inner, end)].tolist(), end]
        times = found.part[begin:end].copy()
        for head, following in pairwise(heads):
            template = self.fast.templates[found.template[head]]
            start = int(found.start[head])
            at = self.envelopes.moment(block[start : start + template.message_at], template.stamp)
            if at is None:
                self._give(found.value[done:head], times[done - begin : head - begin])
                for start in found.start[head:following].tolist():
                    self._take_at(block, start)
                done = following
            else:
                times[head - begin : following - begin] += at
        self._give(found.value[done:end], times[done - begin :])

    def _give(self, values: NDArray[np.int64], at: NDArray[np.float64]) -> None:
        """Count some rows."""
        if not len(values):
            return
        self.records += len(values)
        is_drop = values >= 0
        drops, told = np.flatnonzero(is_drop), np.flatnonzero(~is_drop)
        hidden = ~values[told]
        if len(drops):
            named, drops_at = (values[drops], at[drops]) if len(told) else (values, at)
            ends = named.view(np.uint64)
            self._batch.add(self.partial, ends, drops_at)
            self._was_network = True
            last = int(ends[-1])
            self._last_drop = (float(drops_at[-1]), Drop(IPv4Address(last >> 16), last & 0xFFFF))
            self._credit(ends, told - np.arange(len(told)), hidden)
        else:
            self._hidden += int(hidden.sum())
        if len(told):
            moments = at[told]
            heads = np.flatnonzero(np.r_[True, moments[1:] != moments[:-1]])
            totals = np.add.reduceat(hidden, heads)
            for moment, total in zip(moments[heads].tolist(), totals.tolist(), strict=True):
                self.partial.suppress(Suppressed(moment, total, network=True))

    def _credit(
        self,
        ends: NDArray[np.uint64],
        before: NDArray[np.int64],
        counts: NDArray[np.int64],
    ) -> None:
        """Do the naive reading of rows: to each dropped request what was told since the last.

        Before each count stand so many requests.
        """
        following = np.r_[0, before]
        counts = np.r_[self._hidden, counts]
        within = (following < len(ends)) & (counts > 0)
        self._hidden = int(counts[following == len(ends)].sum())
        self._batch.credit(self.partial, ends[following[within]], counts[within])

    def flush(self) -> None:
        """Give the partial what is read so far; more may come."""
        self._flush()

    def seam(self) -> Seam:
        """Return what is known between the last line and the next."""
        recent = Recent(self._pending, self._was_network, self._hidden, self._last_drop)
        return self.envelopes.seam(recent)

    @classmethod
    def behind(cls, seam: Seam, partial: Partial) -> "LogReader":
        """Go on where another reader stopped."""
        recent = seam.recent
        return cls(
            Envelopes.behind(seam),
            partial,
            _pending=recent.pending,
            _was_network=recent.was_network,
            _hidden=recent.hidden,
            _last_drop=recent.last_drop,
        )

    def begin(self, partial: Partial) -> None:
        """Begin to count, in another partial; what was read so far is known, and not counted."""
        self.flush()
        self.partial, self.records, self.uptime, self.notes = partial, 0, False, {}
        self.envelopes.clock.forget()

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
            if message.address is not None:
                self.fast.learn(raw, line)
        elif isinstance(message, Hidden):
            self._hide(line, message)
        elif message:
            self._mark(line, message)

    def _distrust(self, raw: bytes, *, told: bool) -> None:
        if told or any(words in raw for words in _TELLING):
            self.partial.distrust(printable(raw[:_SAMPLE]))
        elif _LAST_REPEATED in raw[:200]:
            self._repeat(raw)

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
        self._batch.flush(self.partial)
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
        dropped = segments["origin"] == Origin.DROPPED
        self.partial.add_dropped(segments[dropped])
        self.partial.add(segments[~dropped])
