"""Reads a log in blocks, finds the lines that matter, and gives them to a partial."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from floodwall.forensics.evidence import Flag, Origin, blank, words_of
from floodwall.forensics.logs.envelope import LONGEST_LINE, Envelopes, Line
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

BLOCK_BYTES = 4 << 20
_BATCH = 32_768
_SAMPLE = 160
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
    _rows: list[tuple[float, int, int, Fields]] = field(default_factory=list)
    _pending: Suppressed | None = None
    _was_network: bool = False
    _hidden: int = 0
    _last_drop: tuple[float, Drop] | None = None

    def read(self, block: bytes) -> None:
        """Take a block of whole lines."""
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
            self.take(block[start:done])
            if self._pending is not None:
                following = block.find(b"\n", done + 1)
                if following > 0 and not INTERESTING.search(block, done + 1, following):
                    self.take(block[done + 1 : following])
                    done = following

    def finish(self) -> None:
        """Give the partial what is left."""
        if self._pending is not None:
            self._settle(network=self._was_network)
        self._flush()

    def take(self, raw: bytes) -> None:
        """Take one line."""
        line = self.envelopes.open(raw)
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
            self.partial.credit(source, self._hidden)
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
        mark = Mark(line.at, message.sign, message.port, message.address, message.action, count)
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
