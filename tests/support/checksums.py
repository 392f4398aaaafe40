"""The Internet checksum, RFC 1071, in its shortest honest form."""

from __future__ import annotations


def internet_checksum(data: bytes) -> int:
    """Return the ones' complement of the ones' complement sum of 16-bit words."""
    total = int.from_bytes(data + bytes(len(data) % 2), "big")
    # 0x10000 is 1 modulo 0xFFFF, so the remainder is the folded sum of all words.
    return 0xFFFF - (total % 0xFFFF or (0xFFFF if total else 0))


def checksum_holds(data: bytes) -> bool:
    """Tell whether data that contains its own checksum adds up."""
    return internet_checksum(data) == 0
