"""Reads one input of any kind into a partial."""

import re
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import tzinfo
from itertools import islice
from typing import BinaryIO, cast

from floodwall.core.errors import FloodwallError
from floodwall.forensics.captures.cut import cut, cut_blocks, head_of
from floodwall.forensics.captures.pcapng import Section
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
    elif form in (Format.PCAP, Format.PCAPNG):
        _read_frames(source, form, partial, options, progress)
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


def _read_frames(
    source: Source, form: Format, partial: Partial, options: Options, progress: Progress
) -> None:
    """Read a capture, in parts if it is large; behind one that broke, all by one process."""
    edges = [] if source.compression else parts_of(source.size, workers(), CAPTURES)
    marks = [0, *(end for _, end in edges)]
    section: Section | None = None
    parts: list[tuple[int, int]] = []
    if len(edges) > 1 and form is Format.PCAP:
        parts = cut(source.path, marks)
    elif len(edges) > 1:
        parts, section = cut_blocks(source.path, marks)
    if len(parts) < 2:
        read_capture(source, form, partial, progress)
        return
    jobs: list[tuple[object, ...]] = [
        (source.path, part, options, form, section if part[0] else None) for part in parts
    ]
    for (begin, end), (part, last) in zip(parts, in_processes(_read_slice, jobs), strict=True):
        if end < source.size and (part.inputs[-1].errors or last != section):
            # It broke, was cut in the wrong place, or describes what the next part does not know.
            known = deepcopy(section) if begin else None
            rest, _ = _read_slice(source.path, (begin, source.size), options, form, known)
            _join(partial, rest)
            return
        _join(partial, part)
        progress(end, source.size)


def _read_slice(
    path: str,
    part: tuple[int, int],
    options: Options,
    form: Format,
    section: Section | None,
) -> tuple[Partial, Section | None]:
    """Return what the records of a part of a large capture come to, and what is described then."""
    partial = Partial(selection=options.selection)
    partial.inputs.append(Input(path))
    if form is Format.PCAPNG and section is None:
        section = Section()
    head = head_of(path) if form is Format.PCAP else b""
    with opened(path) as whole, Slice(path, head, *part) as records:
        source = Source(path, cast("BinaryIO", records), whole.size, whole.modified)
        read_capture(source, form, partial, _quiet, section)
        partial.describe(errors=(*partial.inputs[-1].errors, *source.errors))
    return partial, section


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
