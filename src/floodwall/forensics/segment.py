"""One TCP segment of a capture as a replay needs it: who, to whom, which numbers, and where."""

from dataclasses import dataclass
from struct import Struct
from typing import Final, Self

_MAPPED: Final = bytes(10) + b"\xff\xff"
_TCP: Final = 6
_PORTS_AND_NUMBERS: Final = Struct("!HHIIBB")
_LEAST_TCP: Final = 20
_EXTENSIONS: Final = (0, 43, 60)  # hop-by-hop, routing, destination: RFC 8200 section 4
_MOST_EXTENSIONS: Final = 6

FIN, SYN, RST, ACK = 1, 2, 4, 16
_END, _NOTHING, _TIMESTAMPS = 0, 1, 8  # kinds of option, RFC 9293 section 3.2
_TIMESTAMPS_SIZE = 10


@dataclass(frozen=True, slots=True)
class Segment:
    """Addresses are 16 bytes, IPv4 as ::ffff:a.b.c.d; `tcp` is where its header begins."""

    source: bytes
    source_port: int
    destination: bytes
    destination_port: int
    sequence: int
    acknowledgement: int
    flags: int
    payload: int
    tcp: int

    @classmethod
    def of(cls, packet: bytes) -> Self | None:
        """Read an IP packet; None if it is no TCP segment that can be read here."""
        version = packet[0] >> 4 if packet else 0
        if version == 4:
            return cls._of_ipv4(packet)
        return cls._of_ipv6(packet) if version == 6 else None

    @property
    def flow(self) -> tuple[bytes, int, bytes, int]:
        """Return who talks to whom."""
        return self.source, self.source_port, self.destination, self.destination_port

    @property
    def reverse(self) -> tuple[bytes, int, bytes, int]:
        """Return the same seen from the other side."""
        return self.destination, self.destination_port, self.source, self.source_port

    @classmethod
    def _of_ipv4(cls, packet: bytes) -> Self | None:
        header = (packet[0] & 15) * 4
        later = len(packet) < 20 or int.from_bytes(packet[6:8]) & 0x1FFF
        if later or header < 20 or packet[9] != _TCP:
            return None
        total = int.from_bytes(packet[2:4])
        ends = _MAPPED + packet[12:16], _MAPPED + packet[16:20]
        return cls._of_tcp(packet, header, total, ends)

    @classmethod
    def _of_ipv6(cls, packet: bytes) -> Self | None:
        if len(packet) < 40:
            return None
        kind, at = packet[6], 40
        for _ in range(_MOST_EXTENSIONS):
            if kind not in _EXTENSIONS or at + 2 > len(packet):
                break
            kind, at = packet[at], at + (packet[at + 1] + 1) * 8
        if kind != _TCP:
            return None
        total = 40 + int.from_bytes(packet[4:6])
        return cls._of_tcp(packet, at, total, (packet[8:24], packet[24:40]))

    @classmethod
    def _of_tcp(cls, packet: bytes, at: int, total: int, ends: tuple[bytes, bytes]) -> Self | None:
        if at + _LEAST_TCP > len(packet):
            return None
        here, there, sequence, answer, offset, flags = _PORTS_AND_NUMBERS.unpack_from(packet, at)
        payload = max(0, total - at - (offset >> 4) * 4)
        return cls(ends[0], here, ends[1], there, sequence, answer, flags, payload, at)


def stamps_at(packet: bytes, segment: Segment) -> int | None:
    """Return where the two timestamps of a segment stand, RFC 7323 section 3.2, if it has them."""
    end = min(segment.tcp + (packet[segment.tcp + 12] >> 4) * 4, len(packet))
    at = segment.tcp + _LEAST_TCP
    while at + 1 < end and packet[at] != _END:
        if packet[at] == _NOTHING:
            at += 1
            continue
        size = packet[at + 1]
        if packet[at] == _TIMESTAMPS and size == _TIMESTAMPS_SIZE and at + size <= end:
            return at + 2
        if size < 2:
            break
        at += size
    return None


def acknowledging(packet: bytes, segment: Segment, number: int, echo: bytes) -> bytes:
    """Return the packet as the answer to another SYN-ACK: its number, and its timestamp echoed.

    RFC 1624: the checksum is corrected by the difference, so one that was wrong stays wrong.
    """
    changed = _replaced(packet, segment, segment.tcp + 8, number.to_bytes(4))
    stamps = stamps_at(packet, segment)
    if stamps is None or not echo:
        return changed
    return _replaced(changed, segment, stamps + 4, echo)


def _replaced(packet: bytes, segment: Segment, at: int, new: bytes) -> bytes:
    check = segment.tcp + 16
    total = ~int.from_bytes(packet[check : check + 2]) & 0xFFFF
    total += _sum(bytes(~byte & 0xFF for byte in packet[at : at + 4]), at) + _sum(new, at)
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    changed = bytearray(packet)
    changed[at : at + 4] = new
    changed[check : check + 2] = (~total & 0xFFFF).to_bytes(2)
    return bytes(changed)


def _sum(word: bytes, at: int) -> int:
    """Add up four bytes as the checksum does; on an odd place they straddle three words."""
    padded = b"\0" + word + b"\0" if at % 2 else word
    return sum(int.from_bytes(padded[i : i + 2]) for i in range(0, len(padded), 2))
