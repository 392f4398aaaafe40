"""How a frame is read: link, network and transport, each until the first thing that is wrong."""

from __future__ import annotations

from struct import Struct
from typing import NamedTuple

from floodwall.kernel._abi import IPV6_EXT_MAX, VLAN_MAX, Reason

PROTOCOL_TCP = 6
FIN, SYN, RST, ACK, ECE, CWR = 0x01, 0x02, 0x04, 0x10, 0x40, 0x80

_MAPPED = bytes(10) + b"\xff\xff"
_TAGS = frozenset({b"\x81\x00", b"\x88\xa8"})
_TCP = Struct("!HHIIBB")
_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION = 0, 43, 44, 51, 60
_EXTENSIONS = frozenset({_HOP_BY_HOP, _ROUTING, _FRAGMENT, _AUTHENTICATION, _DESTINATION})


class Network(NamedTuple):
    """The network header of a frame."""

    version: int
    offset: int  # of the IP header in the frame
    source: bytes
    destination: bytes
    payload: int  # offset behind the header without extension headers
    end: int  # offset where the IP datagram ends by its own account
    protocol: int
    more_fragments: bool
    later_fragment: bool


class Segment(NamedTuple):
    """The TCP header of a frame."""

    source_port: int
    destination_port: int
    sequence: int
    acknowledgement: int
    flags: int
    options: bytes


def read_network(frame: bytes) -> Network | Reason:
    """Return the network header, or why the frame has none that counts."""
    offset = 14
    for _ in range(VLAN_MAX):
        if frame[offset - 2 : offset] not in _TAGS:
            break
        offset += 4
    if len(frame) < offset:
        return Reason.PASS_NOT_IP
    ethertype = frame[offset - 2 : offset]
    if ethertype in _TAGS:
        return Reason.PASS_TOO_MANY_TAGS
    if ethertype == b"\x08\x00":
        return _read_ipv4(frame, offset)
    if ethertype == b"\x86\xdd":
        return _read_ipv6(frame, offset)
    return Reason.PASS_NOT_IP


def read_segment(frame: bytes, network: Network) -> Segment | Reason:
    """Return the TCP header; DROP_TINY_FRAGMENT names a first fragment that cuts it short."""
    start, more = network.payload, network.more_fragments
    if network.version == 6:
        walked = _walk_extensions(frame, network)
        if isinstance(walked, Reason):
            return walked
        start, more = walked
    elif network.later_fragment:
        return Reason.PASS_LATER_FRAGMENT
    elif network.protocol != PROTOCOL_TCP:
        return Reason.PASS_NOT_TCP
    return _read_tcp(frame[start : network.end], more_fragments=more)


def _read_ipv4(frame: bytes, offset: int) -> Network | Reason:
    head = frame[offset : offset + 20]
    if len(head) < 20 or head[0] >> 4 != 4:
        return Reason.PASS_BAD_IP
    size = (head[0] & 15) * 4
    total = head[2] << 8 | head[3]
    if size < 20 or len(frame) < offset + size or total < size:
        return Reason.PASS_BAD_IP
    return Network(
        version=4,
        offset=offset,
        source=_MAPPED + head[12:16],
        destination=_MAPPED + head[16:20],
        payload=offset + size,
        end=offset + total,
        protocol=head[9],
        more_fragments=bool(head[6] & 0x20),
        later_fragment=bool(head[6] & 0x1F or head[7]),
    )


def _read_ipv6(frame: bytes, offset: int) -> Network | Reason:
    head = frame[offset : offset + 40]
    if len(head) < 40 or head[0] >> 4 != 6:
        return Reason.PASS_BAD_IP
    source, destination = head[8:24], head[24:40]
    if source[:12] == _MAPPED or destination[:12] == _MAPPED:
        return Reason.PASS_BAD_IP
    return Network(
        version=6,
        offset=offset,
        source=source,
        destination=destination,
        payload=offset + 40,
        end=offset + 40 + (head[4] << 8 | head[5]),
        protocol=head[6],
        more_fragments=False,
        later_fragment=False,
    )


def _walk_extensions(frame: bytes, network: Network) -> tuple[int, bool] | Reason:
    """Return the offset behind the extension headers, and whether more fragments follow."""
    kind, offset, more = network.protocol, network.payload, False
    for _ in range(IPV6_EXT_MAX):
        if kind not in _EXTENSIONS:
            break
        size = _extension_size(kind, frame[offset : offset + 8])
        if size == 0 or len(frame) < offset + size:
            return Reason.PASS_EXT_HEADERS
        if kind == _ROUTING and frame[offset + 3]:
            return Reason.PASS_EXT_HEADERS
        if kind == _FRAGMENT:
            word = frame[offset + 2] << 8 | frame[offset + 3]
            if word >> 3:
                return Reason.PASS_LATER_FRAGMENT
            more = more or bool(word & 1)
        kind = frame[offset]
        offset += size
    if kind in _EXTENSIONS:
        return Reason.PASS_EXT_HEADERS
    return (offset, more) if kind == PROTOCOL_TCP else Reason.PASS_NOT_TCP


def _extension_size(kind: int, head: bytes) -> int:
    """Return the bytes of an extension header, 0 if it is cut short."""
    if len(head) < 8:  # each of them has at least eight bytes
        return 0
    if kind == _FRAGMENT:
        return 8
    return 4 * (head[1] + 2) if kind == _AUTHENTICATION else 8 * (head[1] + 1)


def _read_tcp(data: bytes, *, more_fragments: bool) -> Segment | Reason:
    size = (data[12] >> 4) * 4 if len(data) >= 20 else 20
    if len(data) < max(size, 20):
        return Reason.DROP_TINY_FRAGMENT if more_fragments else Reason.PASS_BAD_TCP
    if size < 20:
        return Reason.PASS_BAD_TCP
    source, destination, sequence, acknowledgement, _, flags = _TCP.unpack_from(data)
    return Segment(source, destination, sequence, acknowledgement, flags, data[20:size])
