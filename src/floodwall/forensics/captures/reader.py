"""Reads a capture into a partial."""

from collections.abc import Callable, Iterator

from floodwall.forensics.captures.decode import decode
from floodwall.forensics.captures.frames import Frames, Trouble
from floodwall.forensics.captures.link import is_known
from floodwall.forensics.captures.pcap import read_pcap
from floodwall.forensics.captures.pcapng import Section, read_pcapng
from floodwall.forensics.evidence import Format
from floodwall.forensics.partial import Partial
from floodwall.forensics.read.opening import Source

_ROWS = 1 << 14  # segments at a time: what fits into a processor's cache
Progress = Callable[[int, int], None]


def read_capture(
    source: Source,
    form: Format,
    partial: Partial,
    progress: Progress,
    section: Section | None = None,
) -> None:
    """Give the segments of a capture to a partial; what is wrong goes into its record."""
    errors: dict[str, None] = {}
    notes: dict[str, None] = {}
    for part in frames_of(source, form, section):
        if isinstance(part, Trouble):
            errors[part.text] = None
            continue
        if not is_known(part.link):
            notes[f"frames of link type {part.link} cannot be read"] = None
        for begin in range(0, len(part), _ROWS):
            partial.add(decode(_cut(part, begin), partial.packets))
        progress(*source.progress)
    partial.describe(
        records=partial.packets.total,
        errors=(*partial.inputs[-1].errors, *errors),
        notes=(*partial.inputs[-1].notes, *notes),
    )


def frames_of(
    source: Source, form: Format, section: Section | None = None
) -> Iterator[Frames | Trouble]:
    """Yield the frames of a capture of either format; see read_pcapng about its section."""
    return read_pcap(source) if form is Format.PCAP else read_pcapng(source, section)


def _cut(frames: Frames, begin: int) -> Frames:
    end = begin + _ROWS
    return Frames(
        frames.buffer, frames.start[begin:end], frames.end[begin:end], frames.at[begin:end],
        frames.link,
    )  # fmt: skip
