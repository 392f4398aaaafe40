"""Classic pcap files, both byte orders, micro- and nanoseconds."""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from floodwall.forensics.captures.frames import Frames, Trouble, padded
from floodwall.forensics.captures.records import follow
from floodwall.forensics.read.opening import Source

BLOCK_BYTES = 4 << 20
LONGEST_FRAME = 1 << 18  # what tcpdump and Wireshark take for sane
HEADER_BYTES = 24
_RECORD_BYTES = 16
_MODIFIED_BYTES = 24
_MAGIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 1e-6, _RECORD_BYTES),
    b"\xa1\xb2\xc3\xd4": (">", 1e-6, _RECORD_BYTES),
    b"\x4d\x3c\xb2\xa1": ("<", 1e-9, _RECORD_BYTES),
    b"\xa1\xb2\x3c\x4d": (">", 1e-9, _RECORD_BYTES),
    b"\x34\xcd\xb2\xa1": ("<", 1e-6, _MODIFIED_BYTES),
    b"\xa1\xb2\xcd\x34": (">", 1e-6, _MODIFIED_BYTES),
}


@dataclass(frozen=True, slots=True)
class Form:
    """How a file is written: byte order, seconds of a unit of its times, bytes before a frame."""

    order: str
    unit: float
    record: int


def form_of(head: bytes) -> Form | None:
    """Return how a file with this header is written; None if its version is not known."""
    form = Form(*_MAGIC[head[:4]])
    return form if _version(head, form)[0] == 2 else None


def _version(head: bytes, form: Form) -> tuple[int, int]:
    major, minor = struct.unpack(f"{form.order}HH", head[4:8])
    return major, minor


def read_pcap(source: Source) -> Iterator[Frames | Trouble]:
    """Yield the frames of a file, block by block."""
    head = source.read(HEADER_BYTES)
    while 0 < len(head) < HEADER_BYTES and (more := source.read(HEADER_BYTES - len(head))):
        head += more
    if len(head) < HEADER_BYTES:
        yield Trouble("cut short within the header of the file")
        return
    form = Form(*_MAGIC[head[:4]])
    major, minor = _version(head, form)
    if major != 2:
        yield Trouble(f"pcap version {major}.{minor} is not known")
        return
    link = struct.unpack(f"{form.order}I", head[20:24])[0] & 0xFFFF
    content = b""
    while block := source.read(BLOCK_BYTES):
        content = content + block if content else block
        taken, frames, trouble = _frames(content, form, link)
        if frames is not None:
            yield frames
        if trouble:
            yield Trouble(trouble)
            return
        content = content[taken:]
    if content:
        yield Trouble("cut short within its last record")


def _frames(content: bytes, form: Form, link: int) -> tuple[int, Frames | None, str]:
    order, record = form.order, form.record
    size_of = struct.Struct(f"{order}I").unpack_from
    trouble = ""

    def measure(position: int) -> tuple[int, int]:
        nonlocal trouble
        if position + record > len(content):
            return 0, 0
        (captured,) = size_of(content, position + 8)
        if captured > LONGEST_FRAME:
            trouble = f"a record says it has {captured} bytes: corrupt from here on"
            return 0, 0
        return captured, record + captured

    chain = follow(content, 0, measure, 8)
    count = len(chain.positions)
    if not count:
        return chain.end, None, trouble
    buffer = padded(content)
    words = np.ndarray((len(content),), f"{order}u4", buffer.data, 0, (1,))
    seconds = words[chain.positions].astype(np.float64)
    at = seconds + words[chain.positions + 4].astype(np.float64) * form.unit
    start = chain.positions + record
    end = start + words[chain.positions + 8].astype(np.int64)
    return chain.end, Frames(buffer, start, end, at, link), trouble
