"""Packets written, never pasted: `Ethernet() / Vlan(7) / IPv4() / TCP(flags="S")` is a frame.

Law: a layer knows only its own header; lengths, types and checksums follow from what it carries
unless the author of the packet says otherwise.  Nothing here is shared with the data plane.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import ClassVar, Protocol

from tests.support.checksums import internet_checksum
from tests.support.tcp_options import TcpOption, encode_options

ETHERTYPE_IPV4 = 0x0800
ETHERTYPE_IPV6 = 0x86DD
ETHERTYPE_VLAN = 0x8100
ETHERTYPE_SERVICE_VLAN = 0x88A8
PROTOCOL_TCP = 6
PROTOCOL_UDP = 17
PROTOCOL_NONE = 59
FLAG_LETTERS = "FSRPAUEC"  # bit 0 to bit 7, RFC 9293 section 3.1 and RFC 3168


class Layer(Protocol):
    """One header and how it wraps what comes behind it."""

    kind: ClassVar[int]  # the number by which the layer before names this one

    def encode(self, payload: bytes, next_kind: int, network: bytes) -> bytes:
        """Return this header and `payload`; `network` is the pseudo-header's address part."""
        ...


@dataclass(frozen=True, slots=True)
class Packet:
    """A stack of layers; `bytes(packet)` is the frame."""

    layers: tuple[Layer, ...]

    def __truediv__(self, inner: Layer | Packet | bytes) -> Packet:
        """Put `inner` behind the layers that are here."""
        return Packet(self.layers + _layers(inner))

    def __bytes__(self) -> bytes:
        data = b""
        next_kind = 0
        for position in range(len(self.layers) - 1, -1, -1):
            layer = self.layers[position]
            data = layer.encode(data, next_kind, _network(self.layers[:position]))
            next_kind = layer.kind
        return data


class Composable:
    """A layer that can begin a packet."""

    __slots__ = ()

    def __truediv__(self: Layer, inner: Layer | Packet | bytes) -> Packet:
        """Put `inner` behind this layer."""
        return Packet((self,)) / inner

    def __bytes__(self: Layer) -> bytes:
        return bytes(Packet((self,)))


@dataclass(frozen=True, slots=True)
class Raw(Composable):
    """Bytes as they are."""

    data: bytes
    kind: ClassVar[int] = 0

    def encode(self, payload: bytes, _next_kind: int, _network: bytes) -> bytes:
        """Return the bytes and what follows."""
        return self.data + payload


@dataclass(frozen=True, slots=True)
class Ethernet(Composable):
    """An Ethernet II header."""

    destination: str = "02:00:00:00:00:01"
    source: str = "02:00:00:00:00:02"
    ethertype: int | None = None
    kind: ClassVar[int] = 0

    def encode(self, payload: bytes, next_kind: int, _network: bytes) -> bytes:
        """Return destination, source and type in front of `payload`."""
        ethertype = next_kind if self.ethertype is None else self.ethertype
        return mac(self.destination) + mac(self.source) + ethertype.to_bytes(2, "big") + payload


@dataclass(frozen=True, slots=True)
class Vlan(Composable):
    """An 802.1Q tag."""

    identifier: int = 1
    priority: int = 0
    ethertype: int | None = None
    kind: ClassVar[int] = ETHERTYPE_VLAN

    def encode(self, payload: bytes, next_kind: int, _network: bytes) -> bytes:
        """Return the tag control word and the inner type in front of `payload`."""
        ethertype = next_kind if self.ethertype is None else self.ethertype
        return struct.pack("!HH", self.priority << 13 | self.identifier, ethertype) + payload


@dataclass(frozen=True, slots=True)
class ServiceVlan(Vlan):
    """An 802.1ad tag: the same header under another ethertype."""

    kind: ClassVar[int] = ETHERTYPE_SERVICE_VLAN


@dataclass(frozen=True, slots=True)
class IPv4(Composable):
    """An IPv4 header, RFC 791; `options` are padded to whole words."""

    source: str = "198.51.100.7"
    destination: str = "192.0.2.1"
    protocol: int | None = None
    ttl: int = 64
    tos: int = 0
    identification: int = 0
    dont_fragment: bool = True
    more_fragments: bool = False
    fragment_offset: int = 0  # in units of 8 bytes
    options: bytes = b""
    version: int = 4
    header_words: int | None = None
    total_length: int | None = None
    checksum: int | None = None
    kind: ClassVar[int] = ETHERTYPE_IPV4

    def encode(self, payload: bytes, next_kind: int, _network: bytes) -> bytes:
        """Return the header with its checksum in front of `payload`."""
        options = self.options + bytes(-len(self.options) % 4)
        words = 5 + len(options) // 4 if self.header_words is None else self.header_words
        total = 20 + len(options) + len(payload) if self.total_length is None else self.total_length
        fragment = self.dont_fragment << 14 | self.more_fragments << 13 | self.fragment_offset
        protocol = next_kind if self.protocol is None else self.protocol
        fields = (self.version << 4 | words, self.tos, total, self.identification, fragment)
        head = struct.pack("!BBHHHBB", *fields, self.ttl, protocol)
        addresses = IPv4Address(self.source).packed + IPv4Address(self.destination).packed
        checksum = self.checksum
        if checksum is None:
            checksum = internet_checksum(head + addresses + options)
        return head + checksum.to_bytes(2, "big") + addresses + options + payload

    @property
    def network(self) -> bytes:
        """The addresses as the pseudo-header of TCP wants them."""
        return IPv4Address(self.source).packed + IPv4Address(self.destination).packed


@dataclass(frozen=True, slots=True)
class IPv6(Composable):
    """An IPv6 header, RFC 8200."""

    source: str = "2001:db8:1::7"
    destination: str = "2001:db8::1"
    next_header: int | None = None
    hop_limit: int = 64
    traffic_class: int = 0
    flow_label: int = 0
    version: int = 6
    payload_length: int | None = None
    kind: ClassVar[int] = ETHERTYPE_IPV6

    def encode(self, payload: bytes, next_kind: int, _network: bytes) -> bytes:
        """Return the header in front of `payload`."""
        word = self.version << 28 | self.traffic_class << 20 | self.flow_label
        length = len(payload) if self.payload_length is None else self.payload_length
        next_header = next_kind if self.next_header is None else self.next_header
        head = struct.pack("!IHBB", word, length, next_header, self.hop_limit)
        return head + self.network + payload

    @property
    def network(self) -> bytes:
        """The addresses as the pseudo-header of TCP wants them."""
        return IPv6Address(self.source).packed + IPv6Address(self.destination).packed


@dataclass(frozen=True, slots=True)
class TCP(Composable):
    """A TCP header, RFC 9293; `flags` are letters of FLAG_LETTERS."""

    source: int = 40000
    destination: int = 80
    sequence: int = 0x01020304
    acknowledgement: int = 0
    flags: str = "S"
    window: int = 64240
    options: Sequence[TcpOption] = field(default=())
    urgent: int = 0
    header_words: int | None = None
    checksum: int | None = None
    kind: ClassVar[int] = PROTOCOL_TCP

    def encode(self, payload: bytes, _next_kind: int, network: bytes) -> bytes:
        """Return the header with its checksum over `network` in front of `payload`."""
        options = encode_options(self.options)
        words = 5 + len(options) // 4 if self.header_words is None else self.header_words
        bits = sum(1 << FLAG_LETTERS.index(letter) for letter in self.flags)
        ports = (self.source, self.destination, self.sequence, self.acknowledgement)
        head = struct.pack("!HHIIBBH", *ports, words << 4, bits, self.window)
        tail = self.urgent.to_bytes(2, "big") + options + payload
        checksum = self.checksum
        if checksum is None:
            pseudo = network + struct.pack("!II", len(head) + 2 + len(tail), PROTOCOL_TCP)
            checksum = internet_checksum(pseudo + head + tail)
        return head + checksum.to_bytes(2, "big") + tail


@dataclass(frozen=True, slots=True)
class UDP(Composable):
    """A UDP header without checksum, RFC 768."""

    source: int = 40000
    destination: int = 53
    kind: ClassVar[int] = PROTOCOL_UDP

    def encode(self, payload: bytes, _next_kind: int, _network: bytes) -> bytes:
        """Return the header in front of `payload`."""
        return struct.pack("!HHHH", self.source, self.destination, 8 + len(payload), 0) + payload


def mac(text: str) -> bytes:
    """Return the six bytes of a MAC address written with colons."""
    return bytes.fromhex(text.replace(":", ""))


def _layers(inner: Layer | Packet | bytes) -> tuple[Layer, ...]:
    if isinstance(inner, Packet):
        return inner.layers
    if isinstance(inner, bytes):
        return (Raw(inner),)
    return (inner,)


def _network(outer: tuple[Layer, ...]) -> bytes:
    for layer in reversed(outer):
        if isinstance(layer, IPv4 | IPv6):
            return layer.network
    return b""
