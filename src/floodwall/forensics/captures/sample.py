"""A few frames of each finding as a capture of its own, to look at and to show.

Frames are drawn evenly over the whole finding, and the same ones each time.  Only their headers are
kept: what users sent is nobody's business.
"""

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.captures.decode import decode_rows
from floodwall.forensics.captures.frames import Frames, Trouble
from floodwall.forensics.captures.link import ip_positions
from floodwall.forensics.captures.reader import frames_of
from floodwall.forensics.evidence import Format, Segments, words_of
from floodwall.forensics.finding import Finding
from floodwall.forensics.hashing import hash_columns, mix
from floodwall.forensics.identify import identify
from floodwall.forensics.partial import Packets
from floodwall.forensics.read.opening import opened
from floodwall.forensics.segment import Segment
from floodwall.forensics.selection import Selection

EACH = 100
"""Frames of a finding, at most."""
LONGEST = 128
"""Bytes that are kept of a packet in a tunnel."""
_SNAPPED = 0xFFFF
_RAW = 101  # LINKTYPE_RAW: the packet begins with its IP header
_ROWS = 1 << 16
_ROUNDING_S = 1e-6
_LAST_SECOND = 0xFFFFFFFF


@dataclass(slots=True)
class _Drawn:
    """The frames of one finding with the lowest hashes: a fair sample, however many there are."""

    finding: Finding
    services: NDArray[np.uint64]
    hosts: NDArray[np.uint64]
    kept: dict[int, int] = field(default_factory=dict)
    """Number of the frame, and its hash."""

    def offer(self, numbers: NDArray[np.uint64], hashes: NDArray[np.uint64]) -> None:
        """Take frames that belong to the finding."""
        best = np.argsort(hashes, kind="stable")[:EACH]
        self.kept.update(zip(numbers[best].tolist(), hashes[best].tolist(), strict=True))
        if len(self.kept) > EACH:
            order = sorted(self.kept.items(), key=lambda item: (item[1], item[0]))
            self.kept = dict(order[:EACH])

    def belongs(self, segments: Segments) -> NDArray[np.bool_]:
        """Tell which segments go to its victims or come from them, in its time."""
        start, end = self.finding.start, self.finding.end
        inside = np.zeros(len(segments), np.bool_)
        if start is None or end is None:
            return inside
        for side, port in (("victim", "port"), ("source", "source_port")):
            host = hash_columns(segments[f"{side}_high"], segments[f"{side}_low"])
            inside |= np.isin(host, self.hosts)
            inside |= np.isin(hash_columns(host, segments[port]), self.services)
        at = segments["at"]
        return inside & (at >= start - _ROUNDING_S) & (at <= end + _ROUNDING_S)


def sample(
    paths: Iterable[str], findings: Iterable[Finding], selection: Selection
) -> tuple[int, bytes]:
    """Return the number of frames, and the capture that holds them, of captures among files.

    The files are read twice: which frames are drawn is known at the end only.
    """
    files = list(paths)
    drawn = [_drawn(finding) for finding in findings]
    for first, frames in _numbered(files):
        segments, rows = decode_rows(frames, Packets())
        wanted = selection.mask(segments)
        for one in drawn:
            numbers = np.unique(rows[wanted & one.belongs(segments)]).astype(np.uint64)
            numbers += np.uint64(first)
            one.offer(numbers, mix(numbers))
    chosen = {number for one in drawn for number in one.kept}
    packets = sorted(_packets(files, np.array(sorted(chosen), np.int64)), key=lambda one: one[0])
    return len(packets), b"".join((_head(), *(_record(at, packet) for at, packet in packets)))


def _drawn(finding: Finding) -> _Drawn:
    hosts, services = [], []
    for victim in finding.victims:
        if victim.address is None:
            continue
        high, low = (np.array([word], np.uint64) for word in words_of(victim.address))
        host = hash_columns(high, low)
        if victim.port:
            services.append(hash_columns(host, np.array([victim.port], np.uint64)))
        else:
            hosts.append(host)
    none = np.zeros(0, np.uint64)
    return _Drawn(finding, np.concatenate([none, *services]), np.concatenate([none, *hosts]))


def _numbered(files: Iterable[str]) -> Iterator[tuple[int, Frames]]:
    """Yield the frames of all captures, and the number of the first of each block."""
    count = 0
    for path in files:
        with opened(path) as source:
            form, _ = identify(source.head())
            if form not in (Format.PCAP, Format.PCAPNG):
                continue
            for block in frames_of(source, form):
                if isinstance(block, Trouble):
                    continue
                for begin in range(0, len(block), _ROWS):
                    part = slice(begin, begin + _ROWS)
                    start, end, at = block.start[part], block.end[part], block.at[part]
                    yield count, Frames(block.buffer, start, end, at, block.link)
                    count += len(start)


def _packets(files: Iterable[str], chosen: NDArray[np.int64]) -> Iterator[tuple[float, bytes]]:
    if not len(chosen):
        return
    for first, frames in _numbered(files):
        here = chosen[(chosen >= first) & (chosen < first + len(frames))] - first
        positions = ip_positions(frames) if len(here) else None
        if positions is None:
            continue
        content = memoryview(frames.buffer.data).cast("B")
        for row in here.tolist():
            yield float(frames.at[row]), bytes(content[int(positions[row]) : int(frames.end[row])])


def _head() -> bytes:
    return struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, _SNAPPED, _RAW)


def _record(at: float, packet: bytes) -> bytes:
    seconds, part = divmod(round(max(0.0, at) * 1e6), 1_000_000)
    told = int.from_bytes(packet[2:4]) if packet[0] >> 4 == 4 else 40 + int.from_bytes(packet[4:6])
    kept = _headers(packet)
    length = max(told, len(kept))
    return struct.pack("<IIII", min(seconds, _LAST_SECOND), part, len(kept), length) + kept


def _headers(packet: bytes) -> bytes:
    """Return the headers of a packet; of one in a tunnel its first bytes."""
    segment = Segment.of(packet)
    if segment is None:
        return packet[:LONGEST]
    return packet[: segment.tcp + (packet[segment.tcp + 12] >> 4) * 4]
