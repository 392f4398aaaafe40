"""pcapng files: sections of either byte order, interfaces with their own link type and clock."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.frames import Frames, Positions, Trouble, padded
from floodwall.forensics.captures.pcap import BLOCK_BYTES
from floodwall.forensics.captures.records import follow
from floodwall.forensics.read.opening import Source

_LONGEST_BLOCK = 16 << 20
_MOST_INTERFACES = 4_096
_SECTION, _INTERFACE, _SIMPLE, _ENHANCED, _OLD = 0x0A0D0D0A, 1, 3, 6, 2
_SECTION_MARK = b"\x0a\x0d\x0d\x0a"
_LITTLE = b"\x4d\x3c\x2b\x1a"
_BIG = b"\x1a\x2b\x3c\x4d"
_TSRESOL, _TSOFFSET = 9, 14
# Word of the captured length, and byte of the frame, within a block that holds one.
_LENGTH_AT = {_ENHANCED: 5, _OLD: 5, _SIMPLE: 2}
_DATA_AT = {_ENHANCED: 28, _OLD: 28, _SIMPLE: 12}


@dataclass(frozen=True, slots=True)
class Interface:
    """How the frames of an interface are to be read."""

    link: int
    snap: int
    unit: float
    offset: int


@dataclass(slots=True)
class Section:
    """What the blocks so far tell about those behind them."""

    order: str = "<"
    interfaces: list[Interface] = field(default_factory=list)
    trouble: str = ""


def read_pcapng(source: Source, section: Section | None = None) -> Iterator[Frames | Trouble]:
    """Yield the frames of a file, block by block, each link type apart.

    A section that is given is what was described before, and what was described at the end.
    """
    section = Section() if section is None else section
    content = b""
    while block := source.read(BLOCK_BYTES):
        content = content + block if content else block
        begin, more = 0, True
        while more:
            begin, frames, more = _part(content, begin, section)
            yield from frames
            if section.trouble:
                yield Trouble(section.trouble)
                return
        content = content[begin:]
    if content:
        yield Trouble("cut short within its last block")


def section_of(content: bytes) -> Section:
    """Return what the first blocks of a file describe."""
    section, begin, more = Section(), 0, True
    while more and not section.trouble:
        begin, _, more = _part(content, begin, section)
    return section


def _part(content: bytes, begin: int, section: Section) -> tuple[int, list[Frames], bool]:
    """Take blocks up to the next description of a section or an interface, and that one."""
    if len(content) >= begin + 12 and content.startswith(_SECTION_MARK, begin):
        return _describe_section(content, begin, section)
    words = struct.Struct(f"{section.order}II").unpack_from

    def measure(position: int) -> tuple[int, int]:
        if position + 12 > len(content):
            return 0, 0
        kind, size = words(content, position)
        if kind in (_SECTION, _INTERFACE) and position != begin:
            return 0, 0
        if size < 12 or size % 4 or size > _LONGEST_BLOCK:
            section.trouble = f"a block says it has {size} bytes: corrupt from here on"
            return 0, 0
        return (kind << 32) | size, size

    chain = follow(content, begin, measure, 4)
    if not len(chain.positions):
        return chain.end, [], False
    # No more than what was taken is copied: descriptions may come by the million.
    frames = _frames(content[begin : chain.end], chain.positions - begin, section)
    rest = content[chain.end : chain.end + 4]
    again = rest in (_SECTION_MARK, struct.pack(f"{section.order}I", _INTERFACE))
    return chain.end, frames, again


def _describe_section(
    content: bytes, begin: int, section: Section
) -> tuple[int, list[Frames], bool]:
    head = content[begin : begin + 14].ljust(14, b"\0")
    if head[8:12] not in (_LITTLE, _BIG):
        section.trouble = "a section without a byte order: corrupt from here on"
        return begin, [], False
    section.order = "<" if head[8:12] == _LITTLE else ">"
    size, major = struct.unpack(f"{section.order}4xI4xH", head)
    if size < 28 or size % 4 or size > _LONGEST_BLOCK:
        section.trouble = f"a section header says it has {size} bytes: corrupt from here on"
        return begin, [], False
    if len(content) < begin + size:
        return begin, [], False
    if major != 1:
        section.trouble = f"pcapng version {major} is not known"
        return begin, [], False
    section.interfaces.clear()
    return begin + size, [], True


def _frames(content: bytes, positions: Positions, section: Section) -> list[Frames]:
    buffer = padded(content)
    words = buffer.view(f"{section.order}u4")  # blocks are whole words; small ones end in slack
    kinds = words[positions >> 2].astype(np.int64)
    for position in positions[kinds == _INTERFACE].tolist():
        _describe_interface(content, position, section)
    made = []
    for kind in (_ENHANCED, _OLD, _SIMPLE):
        chosen = positions[kinds == kind]
        if len(chosen):
            made += _of_kind(buffer, words, chosen, kind, section)
    return made


def _of_kind(
    buffer: NDArray[np.uint8],
    words: NDArray[np.uint32],
    positions: Positions,
    kind: int,
    section: Section,
) -> list[Frames]:
    head = positions >> 2
    index = words[head + 2].astype(np.int64)
    if kind == _OLD:  # interface and drops share the word, RFC draft section B
        index = index >> 16 if section.order == ">" else index & 0xFFFF
    elif kind == _SIMPLE:
        index = np.zeros(len(positions), np.int64)
    made = []
    alike = bool((index == index[0]).all())
    for number in index[:1].tolist() if alike else np.unique(index).tolist():
        if number >= len(section.interfaces):
            continue
        interface = section.interfaces[number]
        at = head if alike else head[index == number]
        start = (at << 2) + _DATA_AT[kind]
        length = words[at + _LENGTH_AT[kind]].astype(np.int64)
        if kind == _SIMPLE and interface.snap:
            length = np.minimum(length, interface.snap)
        room = words[at + 1].astype(np.int64) - (_DATA_AT[kind] + 4)
        end = start + np.minimum(length, room)
        when = np.full(len(at), np.nan)
        if kind != _SIMPLE:
            high, low = words[at + 3].astype(np.float64), words[at + 4]
            when = (high * 2.0**32 + low) * interface.unit + interface.offset
        made.append(Frames(buffer, start, end, when, interface.link))
    return made


def _describe_interface(content: bytes, position: int, section: Section) -> None:
    head = content[position : position + 16].ljust(16, b"\0")
    size, link, snap = struct.unpack(f"{section.order}4xIH2xI", head)
    unit, offset = 1e-6, 0
    cursor, end = position + 16, position + size - 4
    while cursor + 4 <= end:
        code, length = struct.unpack_from(f"{section.order}HH", content, cursor)
        value = content[cursor + 4 : min(cursor + 4 + length, end)]
        if code == 0:
            break
        if code == _TSRESOL and len(value) >= 1:
            exponent = value[0] & 0x7F
            unit = 2.0**-exponent if value[0] & 0x80 else 10.0**-exponent
        elif code == _TSOFFSET and len(value) == 8:
            offset = struct.unpack(f"{section.order}q", value)[0]
        cursor += 4 + (length + 3) // 4 * 4
    if len(section.interfaces) < _MOST_INTERFACES:
        section.interfaces.append(Interface(link, snap, unit, offset))
