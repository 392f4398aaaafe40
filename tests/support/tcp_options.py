"""TCP options as values, RFC 9293, 7323, 2018, 2385 and 5925."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TcpOption:
    """One option: its kind and body; `length` overrides the length byte."""

    kind: int
    body: bytes = b""
    length: int | None = None

    def __bytes__(self) -> bytes:
        if self.kind < 2:  # end of list and no-operation have no length
            return bytes([self.kind])
        length = 2 + len(self.body) if self.length is None else self.length
        return bytes([self.kind, length]) + self.body


END = TcpOption(0)
NOP = TcpOption(1)
SACK_PERMITTED = TcpOption(4)
MD5 = TcpOption(19, bytes(16))
AO = TcpOption(29, bytes(14))


def mss(size: int) -> TcpOption:
    """Return a maximum segment size in bytes."""
    return TcpOption(2, struct.pack("!H", size))


def window_scale(shift: int) -> TcpOption:
    """Return a window scale."""
    return TcpOption(3, bytes([shift]))


def timestamps(value: int, echo: int = 0) -> TcpOption:
    """Return timestamps: value and echo reply."""
    return TcpOption(8, struct.pack("!II", value, echo))


def encode_options(options: Sequence[TcpOption]) -> bytes:
    """Return the options, padded with end-of-list to whole words."""
    data = b"".join(map(bytes, options))
    return data + bytes(-len(data) % 4)


def decode_options(data: bytes) -> list[TcpOption]:
    """Return the options of a well-formed list without padding and no-operations."""
    found = []
    position = 0
    while position < len(data) and data[position] != END.kind:
        if data[position] == NOP.kind:
            position += 1
            continue
        length = data[position + 1]
        found.append(TcpOption(data[position], data[position + 2 : position + length]))
        position += length
    return found
