"""IPv6 extension headers, RFC 8200 section 4 and RFC 4302, as layers of a packet."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import ClassVar

from tests.support.packets import Composable


@dataclass(frozen=True, slots=True)
class _Options(Composable):
    """A header of type, length in 8-byte units beyond the first, and padding."""

    units: int = 0
    next_header: int | None = None
    kind: ClassVar[int] = 0

    def encode(self, payload: bytes, next_kind: int, _network: bytes) -> bytes:
        """Return the header, filled with PadN, in front of `payload`."""
        following = next_kind if self.next_header is None else self.next_header
        padding = 8 * (self.units + 1) - 4
        body = bytes([1, min(padding, 255)]) + bytes(padding)
        return bytes([following, self.units]) + body + payload


@dataclass(frozen=True, slots=True)
class HopByHop(_Options):
    """Hop-by-hop options."""

    kind: ClassVar[int] = 0


@dataclass(frozen=True, slots=True)
class DestinationOptions(_Options):
    """Destination options."""

    kind: ClassVar[int] = 60


@dataclass(frozen=True, slots=True)
class Routing(Composable):
    """A routing header of type 0 with room for one address a two units."""

    segments_left: int = 0
    units: int = 2
    next_header: int | None = None
    kind: ClassVar[int] = 43

    def encode(self, payload: bytes, next_kind: int, _network: bytes) -> bytes:
        """Return the header in front of `payload`."""
        following = next_kind if self.next_header is None else self.next_header
        head = bytes([following, self.units, 0, self.segments_left])
        return head + bytes(8 * (self.units + 1) - 4) + payload


@dataclass(frozen=True, slots=True)
class Fragment(Composable):
    """A fragment header; the offset counts units of 8 bytes."""

    offset: int = 0
    more: bool = False
    identification: int = 1
    next_header: int | None = None
    kind: ClassVar[int] = 44

    def encode(self, payload: bytes, next_kind: int, _network: bytes) -> bytes:
        """Return the header in front of `payload`."""
        following = next_kind if self.next_header is None else self.next_header
        word = self.offset << 3 | self.more
        return struct.pack("!BBHI", following, 0, word, self.identification) + payload


@dataclass(frozen=True, slots=True)
class Authentication(Composable):
    """An authentication header with an integrity value of `words` - 1 words."""

    words: int = 4  # the length field: whole words minus 2
    next_header: int | None = None
    kind: ClassVar[int] = 51

    def encode(self, payload: bytes, next_kind: int, _network: bytes) -> bytes:
        """Return the header in front of `payload`."""
        following = next_kind if self.next_header is None else self.next_header
        head = struct.pack("!BBHII", following, self.words, 0, 7, 1)
        return head + bytes(4 * (self.words + 2) - len(head)) + payload
