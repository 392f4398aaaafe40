"""The SYN-ACK that answers a SYN, byte for byte."""

from __future__ import annotations

import struct

from tests.support.checksums import internet_checksum
from tests.support.oracle.cookie import Terms
from tests.support.oracle.wire import ACK, ECE, SYN, Network, Segment
from tests.support.oracle.world import Config

FRAME_MIN = 60  # shortest Ethernet frame without its check sequence, IEEE 802.3
TTL = 64
_NOP = b"\x01"
_SACK_PERMITTED = b"\x04\x02"


def syn_ack(
    frame: bytes, network: Network, segment: Segment, isn: int, options: bytes, *,
    window: int, ecn: bool,
) -> bytes:  # fmt: skip
    """Return the SYN-ACK with the sequence number `isn` and these options."""
    size = 4 if network.version == 4 else 16
    source, destination = network.destination[-size:], network.source[-size:]
    flags = SYN | ACK | (ECE if ecn else 0)
    ports = (segment.destination_port, segment.source_port)
    numbers = (isn, segment.sequence + 1 & 0xFFFFFFFF)
    words = 5 + len(options) // 4
    head = struct.pack("!HHIIBBH", *ports, *numbers, words << 4, flags, window)
    length = 20 + len(options)
    pseudo = source + destination + struct.pack("!II", length, 6)
    checksum = internet_checksum(pseudo + head + options)
    tcp = head + struct.pack("!HH", checksum, 0) + options
    begin = frame[6:12] + frame[:6] + frame[12 : network.offset]
    made = begin + _ip_header(network.version, source, destination, length) + tcp
    return made.ljust(min(len(frame), FRAME_MIN), b"\0")


def cookie_options(config: Config, terms: Terms, scale: int, tsval: int, version: int) -> bytes:
    """Return the options of a SYN-ACK that carries our cookie; `scale` is our own."""
    options = mss_option(config, version)
    if terms.timestamp is not None:
        options += _SACK_PERMITTED if terms.sack else _NOP * 2
        options += struct.pack("!BBII", 8, 10, tsval, terms.timestamp)
    elif terms.sack:
        options += _NOP * 2 + _SACK_PERMITTED
    if terms.window_scale is not None:
        options += _NOP + bytes([3, 3, scale])
    return options


def mss_option(config: Config, version: int) -> bytes:
    """Return the announcement of our own segment size."""
    return struct.pack("!BBH", 2, 4, config.mss_ipv4 if version == 4 else config.mss_ipv6)


def _ip_header(version: int, source: bytes, destination: bytes, payload: int) -> bytes:
    if version == 6:
        return struct.pack("!IHBB", 6 << 28, payload, 6, TTL) + source + destination
    head = struct.pack("!BBHHHBB", 0x45, 0, 20 + payload, 0, 0x4000, TTL, 6)
    checksum = internet_checksum(head + source + destination)
    return head + checksum.to_bytes(2, "big") + source + destination
