"""Reads one input of any kind into a partial."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import islice
from typing import BinaryIO, cast

from floodwall.core.errors import FloodwallError
from floodwall.forensics.captures.cut import cut, head_of
from floodwall.forensics.captures.reader import read_capture
from floodwall.forensics.evidence import Format, Input
from floodwall.forensics.identify import identify
from floodwall.forensics.incidents import MOST_BYTES, read_incidents
from floodwall.forensics.logs.clock import Clock, month_of
from floodwall.forensics.logs.envelope import Envelopes, Line
from floodwall.forensics.logs.export import HEAD, PRETTY_HEAD, read_export, read_pretty
from floodwall.forensics.logs.reader import BLOCK_BYTES, LogReader, whole_lines
from floodwall.forensics.logs.seam import Seam
from floodwall.forensics.partial import Partial
from floodwall.forensics.parts import (
    CAPTURES,
    LOGS,
    Part,
    Slice,
    in_processes,
    parts_of,
    workers,
)
from floodwall.forensics.read.opening import Source, opened, tail_of
from floodwall.forensics.selection import Selection
from floodwall.forensics.sockets.reader import COUNTERS, SOCKETS, read_dump

_SINCE_START = "some times count from the start of the machine, not from 1970"
_TAIL_BYTES = 1 << 16
LOOK_BACK_BYTES = 1 << 20  # some thousand lines
_DATE = re.compile(rb"^(?:<\d+>)?([A-Z][a-z]{2}) {1,2}(\d{1,2}) \d\d:\d\d:\d\d ", re.MULTILINE)
Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How inputs are read."""

    year: int | None = None
    zone: tzinfo | None = None
    zone_name: str = "UTC"
    selection: Selection = field(default_factory=Selection)


def _quiet(_done: int, _size: int) -> None:
    """Show nothing."""


def read_input(path: str, options: Options, progress: Progress = _quiet) -> Partial:
    """Return what an input comes to; what is wrong with it stands in its record."""
    partial = Partial(selection=options.selection)
    partial.inputs.append(Input(path))
    try:
        with opened(path) as source:
            _read(source, partial, options, progress)
            partial.describe(errors=(*partial.inputs[-1].errors, *source.errors))
    except FloodwallError as error:
        text = f"{error.message} ({error.hint})" if error.hint else error.message
        partial.describe(errors=(*partial.inputs[-1].errors, text))
    return partial


def _read(source: Source, partial: Partial, options: Options, progress: Progress) -> None:
    form, trouble = identify(source.head())
    partial.describe(format=form)
    if trouble:
        partial.describe(errors=(trouble,))
    if form is Format.LOG:
        _read_log(source, partial, options, progress)
    elif form is Format.PCAP:
        _read_pcap(source, partial, options, progress)
    elif form is Format.PCAPNG:
        read_capture(source, form, partial, progress)
    elif form in SOCKETS | COUNTERS:
        read_dump(source, form, partial)
    elif form is Format.INCIDENT:
        content = b"".join(islice(source.blocks(BLOCK_BYTES), MOST_BYTES // BLOCK_BYTES + 1))
        partial.incidents, trouble = read_incidents(content)
        partial.describe(records=len(partial.incidents), errors=(trouble,) if trouble else ())


def _read_log(source: Source, partial: Partial, options: Options, progress: Progress) -> None:
    parts = (
        [] if source.compression or _entries_of(source) else parts_of(source.size, workers(), LOGS)
    )
    if len(parts) > 1:
        _read_parts(source, parts, partial, options, progress)
    else:
        _read_lines(source, partial, options, progress)


def _read_parts(
    source: Source,
    parts: list[tuple[int, int]],
    partial: Partial,
    options: Options,
    progress: Progress,
) -> None:
    """Read a log in parts; behind one that began on a wrong assumption, all by one process."""
    known = Seam(clock_of(source, options))
    jobs: list[tuple[object, ...]] = [(source.path, part, options) for part in parts]
    for (begin, end), (part, first, last) in zip(
        parts, in_processes(_read_part, jobs), strict=True
    ):
        fits = known.fits(first, last)
        if not fits:
            part, last = _read_rest(source.path, begin, options, known)  # noqa: PLW2901 # anew
        broken = bool(part.inputs[-1].errors)
        _join(partial, part)
        known = known.then(last)
        if not fits or broken:
            break
        progress(end, source.size)
    if known.recent.pending is not None:
        LogReader.behind(known, partial).finish()
    notes = tuple(sorted(partial.inputs[-1].notes, key=_SINCE_START.__eq__))  # as of the whole
    partial.describe(clock=known.clock.assumption(), notes=notes)


def _read_part(path: str, part: tuple[int, int], options: Options) -> tuple[Partial, Seam, Seam]:
    """Return what a part of a large log comes to, and what was known before and behind it."""
    begin = part[0]
    with opened(path) as whole:
        reader = LogReader(Envelopes(clock_of(whole, options)), Partial())
        with Part(path, max(0, begin - LOOK_BACK_BYTES), begin) as lines:
            before = Source(path, cast("BinaryIO", lines), whole.size, whole.modified)
            for block in whole_lines(before.blocks(BLOCK_BYTES)) if begin else ():
                reader.read(block)
    return _count_part(path, part, options, reader)


def _read_rest(path: str, begin: int, options: Options, known: Seam) -> tuple[Partial, Seam]:
    """Return what all lines from a position on come to, and what is known behind them."""
    with opened(path) as whole:
        reader = LogReader.behind(known, Partial())
        part, _, last = _count_part(path, (begin, whole.size), options, reader)
    return part, last


def _count_part(
    path: str, part: tuple[int, int], options: Options, reader: LogReader
) -> tuple[Partial, Seam, Seam]:
    """Count the lines of a part with a reader that knows what was before it."""
    partial = Partial(selection=options.selection)
    partial.inputs.append(Input(path))
    reader.begin(partial)
    first = reader.seam()
    with opened(path) as whole, Part(path, *part) as lines:
        source = Source(path, cast("BinaryIO", lines), whole.size, whole.modified)
        for block in whole_lines(source.blocks(BLOCK_BYTES)):
            reader.read(block)
        reader.flush()
        _describe(reader, partial)
        partial.describe(errors=tuple(source.errors))
    return partial, first, reader.seam()


def _read_pcap(source: Source, partial: Partial, options: Options, progress: Progress) -> None:
    edges = [] if source.compression else parts_of(source.size, workers(), CAPTURES)
    parts = cut(source.path, [0, *(end for _, end in edges)]) if len(edges) > 1 else []
    if len(parts) < 2:
        read_capture(source, Format.PCAP, partial, progress)
        return
    jobs: list[tuple[object, ...]] = [(source.path, part, options) for part in parts]
    for (begin, end), part in zip(parts, in_processes(_read_frames, jobs), strict=True):
        if part.inputs[-1].errors and end < source.size:
            # It broke, or was cut in the wrong place: all from here on as if it were not cut.
            _join(partial, _read_frames(source.path, (begin, source.size), options))
            return
        _join(partial, part)
        progress(end, source.size)


def _read_frames(path: str, part: tuple[int, int], options: Options) -> Partial:
    """Return what the records of a part of a large capture come to."""
    partial = Partial(selection=options.selection)
    partial.inputs.append(Input(path))
    with opened(path) as whole, Slice(path, head_of(path), *part) as records:
        source = Source(path, cast("BinaryIO", records), whole.size, whole.modified)
        read_capture(source, Format.PCAP, partial, _quiet)
        partial.describe(errors=(*partial.inputs[-1].errors, *source.errors))
    return partial


def _join(whole: Partial, part: Partial) -> None:
    """Merge a part into the input that it belongs to."""
    (own,) = part.inputs
    part.inputs = []
    whole.merge(part)
    last = whole.inputs[-1]
    whole.describe(
        records=last.records + own.records,
        errors=tuple(dict.fromkeys((*last.errors, *own.errors))),
        notes=tuple(dict.fromkeys((*last.notes, *own.notes))),
    )


def _read_lines(source: Source, partial: Partial, options: Options, progress: Progress) -> None:
    clock = clock_of(source, options)
    reader = LogReader(Envelopes(clock), partial)
    blocks = whole_lines(source.blocks(BLOCK_BYTES))
    if entries := _entries_of(source):
        for line in entries(line for block in blocks for line in block.splitlines()):
            reader.take_line(line, line.message)
    else:
        for block in blocks:
            reader.read(block)
            progress(*source.progress)
    reader.finish()
    _describe(reader, partial)
    partial.describe(clock=clock.assumption())


def _entries_of(source: Source) -> Callable[[Iterator[bytes]], Iterator[Line]] | None:
    """Return what reads entries of several lines; None where a line is an entry."""
    if source.head().startswith(HEAD):
        return read_export
    return read_pretty if PRETTY_HEAD.match(source.head()) else None


def _describe(reader: LogReader, partial: Partial) -> None:
    partial.relative |= reader.uptime
    notes = list(reader.notes)
    if reader.uptime:
        notes.append(_SINCE_START)
    partial.describe(records=reader.records, notes=tuple(notes))


def clock_of(source: Source, options: Options) -> Clock:
    """Return what reads the times of a log, and assumes what they do not say."""
    newest = source.modified if source.modified is not None else time.time()
    clock = Clock(newest, options.year, options.zone, options.zone_name)
    if not source.compression and source.size:
        dates = _DATE.findall(tail_of(source.path, _TAIL_BYTES))
        month = month_of(dates[-1][0]) if dates else None
        if month is not None:
            clock.last_hint = (month, int(dates[-1][1]))
    return clock
