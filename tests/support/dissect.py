"""A reply taken apart, for tests that say what they expect in words."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import ip_address

from tests.support.checksums import checksum_holds
from tests.support.packets import FLAG_LETTERS
from tests.support.tcp_options import TcpOption, decode_options

_TAGS = (0x8100, 0x88A8)


@dataclass(frozen=True, slots=True)
class Reply:
    """The headers of a TCP frame without IP options or extension headers."""

    destination_mac: str
    source_mac: str
    tags: tuple[int, ...]  # ethertype and control word in turn
    source: str
    destination: str
    hop_limit: int
    source_port: int
    destination_port: int
    sequence: int
    acknowledgement: int
    flags: str
    window: int
    options: tuple[TcpOption, ...]
    checksums_hold: bool
    padding: bytes

    def option(self, kind: int) -> bytes | None:
        """Return the body of an option, or nothing if it is absent."""
        return next((option.body for option in self.options if option.kind == kind), None)


def dissect(frame: bytes) -> Reply:
    """Return the parts of a well-formed TCP frame."""
    tags, offset = _tags(frame)
    version = frame[offset] >> 4
    size, first, width = (20, 12, 4) if version == 4 else (40, 8, 16)
    header = frame[offset : offset + size]
    length = _payload_length(header, version)
    segment = frame[offset + size : offset + size + length]
    source, destination = header[first : first + width], header[first + width : first + 2 * width]
    pseudo = source + destination + struct.pack("!II", length, 6)
    ports = struct.unpack_from("!HHII", segment)
    end = 4 * (segment[12] >> 4)
    return Reply(
        destination_mac=frame[:6].hex(":"),
        source_mac=frame[6:12].hex(":"),
        tags=tags,
        source=str(ip_address(source)),
        destination=str(ip_address(destination)),
        hop_limit=header[8] if version == 4 else header[7],
        source_port=ports[0],
        destination_port=ports[1],
        sequence=ports[2],
        acknowledgement=ports[3],
        flags="".join(letter for bit, letter in enumerate(FLAG_LETTERS) if segment[13] >> bit & 1),
        window=int.from_bytes(segment[14:16], "big"),
        options=tuple(decode_options(segment[20:end])),
        checksums_hold=checksum_holds(pseudo + segment)
        and (version == 6 or checksum_holds(header)),
        padding=frame[offset + size + length :],
    )


def _tags(frame: bytes) -> tuple[tuple[int, ...], int]:
    """Return the VLAN tags and the offset of the network header."""
    found: list[int] = []
    offset = 14
    while (ethertype := int.from_bytes(frame[offset - 2 : offset], "big")) in _TAGS:
        found += [ethertype, int.from_bytes(frame[offset : offset + 2], "big")]
        offset += 4
    return tuple(found), offset


def _payload_length(header: bytes, version: int) -> int:
    if version == 6:
        return int.from_bytes(header[4:6], "big")
    return int.from_bytes(header[2:4], "big") - 20
