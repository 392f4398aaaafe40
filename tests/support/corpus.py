"""Valid frames of every kind, and ways to spoil them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address
from random import Random

from tests.support.extension_headers import (
    Authentication,
    DestinationOptions,
    Fragment,
    HopByHop,
    Routing,
)
from tests.support.oracle.cookie import make_cookie, negotiate
from tests.support.oracle.offer import read_offer
from tests.support.oracle.wire import Network, Segment, read_network, read_segment
from tests.support.oracle.world import FourTuple, World
from tests.support.packets import (
    TCP,
    UDP,
    Ethernet,
    IPv4,
    IPv6,
    Layer,
    Packet,
    Raw,
    ServiceVlan,
    Vlan,
)
from tests.support.scenarios import CLIENTS4, CLIENTS6
from tests.support.stage import (
    ABSENT,
    CLIENT4,
    CLIENT6,
    CONNECTED_PORT,
    FULL,
    REQUEST_PORT,
    SECURE,
    SERVER4,
    SERVER6,
    STRANGER4,
    STRANGER6,
    WEB,
)
from tests.support.tcp_options import (
    AO,
    END,
    MD5,
    NOP,
    SACK_PERMITTED,
    TcpOption,
    mss,
    timestamps,
    window_scale,
)

FRAME_MIN, FRAME_MAX = 14, 1500  # BPF_PROG_TEST_RUN refuses shorter ones
_FLAGS = ("S", "S", "S", "SEC", "SF", "SR", "SA", "A", "A", "PA", "FA", "R", "RA", "", "FPU")
_PORTS = (*[WEB] * 8, *[SECURE] * 3, *[FULL] * 3, ABSENT, 81, 9)
_MULTICAST = "33:33:00:00:00:01"


def random_frame(rng: Random) -> bytes:
    """Return a well-formed frame; most are TCP to a service."""
    ipv6 = rng.random() < 0.5
    packet = _link(rng) / (_ipv6(rng) if ipv6 else _ipv4(rng))
    roll = rng.random()
    if roll < 0.05:
        return bytes(packet / UDP() / b"data")
    if roll < 0.08:
        return bytes(packet / Raw(b"\x08\x00" + bytes(30)))
    return bytes(packet / _tcp(rng) / rng.choice((b"", b"", b"GET /")))


def known_frames(time_waits: Sequence[tuple[bool, FourTuple]]) -> list[bytes]:
    """Return frames of the stage's real sockets: a SYN and an ACK of each."""
    frames = []
    pairs: list[tuple[IPv4 | IPv6, int]] = [
        (IPv4(CLIENT4, SERVER4), CONNECTED_PORT),
        (IPv6(CLIENT6, SERVER6), CONNECTED_PORT),
        (IPv4(STRANGER4, SERVER4), REQUEST_PORT),
        (IPv6(STRANGER6, SERVER6), REQUEST_PORT),
    ]
    for ipv6, four in time_waits:
        pairs.append((IPv6(CLIENT6, SERVER6) if ipv6 else IPv4(CLIENT4, SERVER4), four[1]))
    for layer, port in pairs:
        for flags in ("S", "A"):
            packet = Ethernet() / layer / TCP(source=port, destination=WEB, flags=flags)
            frames.append(bytes(packet))
    return frames


def answer_with_cookie(rng: Random, world: World, syn: bytes) -> bytes | None:
    """Return the ACK of a client whose SYN was answered with our cookie, if it can be."""
    network = read_network(syn)
    if not isinstance(network, Network):
        return None
    segment = read_segment(syn, network)
    keys = [key for key in world.keys if key is not None]
    if not isinstance(segment, Segment) or not keys:
        return None
    offer = read_offer(segment.options)
    terms = negotiate(world.config, offer, segment.flags, network.version)
    isn, tsval = make_cookie(rng.choice(keys), network, segment, terms)
    times = (terms.timestamp is not None) is not (rng.random() < 0.05)
    return answer(syn, isn, tsval if times else None)


def answer_reply(syn: bytes, reply: bytes) -> bytes:
    """Return the ACK that a client sends for this SYN-ACK."""
    _, segment = read_tcp(reply)
    times = read_offer(segment.options).timestamps
    return answer(syn, segment.sequence, None if times is None else times[0])


def answer(syn: bytes, isn: int, echo: int | None) -> bytes:
    """Return the ACK to a SYN-ACK with sequence number `isn` and timestamp `echo`."""
    network, segment = read_tcp(syn)
    tcp = TCP(
        source=segment.source_port,
        destination=segment.destination_port,
        sequence=segment.sequence + 1 & 0xFFFFFFFF,
        acknowledgement=isn + 1 & 0xFFFFFFFF,
        flags="A",
        options=() if echo is None else (NOP, NOP, timestamps(0x11223344, echo)),
    )
    begin = Packet((Raw(syn[: network.offset]),))
    return bytes(begin / network_layer(network) / tcp)


def read_tcp(frame: bytes) -> tuple[Network, Segment]:
    """Return the headers of a frame that is known to be TCP over IP."""
    network = read_network(frame)
    if not isinstance(network, Network):
        raise TypeError(f"not an IP frame: {frame.hex()}")
    segment = read_segment(frame, network)
    if not isinstance(segment, Segment):
        raise TypeError(f"not a TCP frame: {frame.hex()}")
    return network, segment


def network_layer(network: Network) -> IPv4 | IPv6:
    """Return a plain header with the addresses of this one."""
    if network.version == 4:
        source, destination = network.source[12:], network.destination[12:]
        return IPv4(str(IPv4Address(source)), str(IPv4Address(destination)))
    return IPv6(str(IPv6Address(network.source)), str(IPv6Address(network.destination)))


def mutate(rng: Random, frame: bytes, other: bytes) -> bytes:
    """Return the frame with one kind of damage; `other` is what it may be spliced with."""
    damaged = rng.choice(_DAMAGES)(rng, frame, other)[:FRAME_MAX]
    return damaged.ljust(FRAME_MIN, b"\0")


def _link(rng: Random) -> Packet:
    destination = _MULTICAST if rng.random() < 0.02 else "02:00:00:00:00:01"
    packet = Packet((Ethernet(destination),))
    for _ in range(rng.choice((*[0] * 10, 1, 2, 3, 4, 5))):
        packet /= rng.choice((Vlan, ServiceVlan))(rng.randrange(4096))
    return packet


def _ipv4(rng: Random) -> IPv4:
    fragment = rng.random()
    return IPv4(
        source=rng.choice(CLIENTS4),
        destination=SERVER4 if rng.random() < 0.9 else "192.0.2.77",
        options=bytes([1]) * 4 * rng.choice((0, 0, 0, 0, 1, 2, 10)),
        more_fragments=fragment < 0.08,
        fragment_offset=rng.choice((0, 1, 185)) if fragment < 0.1 else 0,
        tos=rng.randrange(256),
        ttl=rng.randrange(1, 256),
    )


def _ipv6(rng: Random) -> Packet:
    destination = SERVER6 if rng.random() < 0.9 else "2001:db8::77"
    packet = Packet((IPv6(rng.choice(CLIENTS6), destination, flow_label=rng.getrandbits(20)),))
    for _ in range(rng.choice((*[0] * 12, 1, 1, 2, 3, 5, 6, 7))):
        packet /= _extension(rng)
    return packet


def _extension(rng: Random) -> Layer:
    units = rng.choice((0, 0, 1, 3))
    kinds: tuple[Layer, ...] = (
        HopByHop(units),
        DestinationOptions(units),
        Routing(segments_left=int(rng.random() < 0.1), units=2 * units),
        Fragment(offset=int(rng.random() < 0.1), more=rng.random() < 0.2),
        Authentication(rng.choice((1, 4, 6))),
    )
    return rng.choice(kinds)


def _tcp(rng: Random) -> TCP:
    return TCP(
        source=rng.choice((40000, 40001, 40003, 1024, 0, rng.randrange(65536))),
        destination=rng.choice(_PORTS),
        sequence=rng.getrandbits(32),
        acknowledgement=rng.getrandbits(32),
        flags=rng.choice(_FLAGS),
        options=_options(rng),
    )


def _options(rng: Random) -> list[TcpOption]:
    choices = (
        mss(rng.choice((0, 1, 535, 536, 1220, 1300, 1460, 8960, 65535))),
        SACK_PERMITTED,
        timestamps(rng.getrandbits(32), rng.choice((0, rng.getrandbits(32)))),
        window_scale(rng.choice((0, 1, 7, 14, 15, 255))),
        NOP,
    )
    chosen = [option for option in choices if rng.random() < 0.6]
    if rng.random() < 0.05:
        chosen.append(rng.choice((MD5, AO, END, TcpOption(34, bytes(8)), TcpOption(2, b"\1", 0))))
    rng.shuffle(chosen)
    while sum(len(bytes(option)) for option in chosen) > 40:
        chosen.pop(0)
    return chosen


def _flip_bits(rng: Random, frame: bytes, _other: bytes) -> bytes:
    damaged = bytearray(frame)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 8))):
        damaged[rng.randrange(len(frame))] ^= 1 << rng.randrange(8)
    return bytes(damaged)


def _set_byte(rng: Random, frame: bytes, _other: bytes) -> bytes:
    damaged = bytearray(frame)
    damaged[rng.randrange(len(frame))] = rng.choice((0, 1, 5, 6, 0x45, 0x7F, 0x80, 0xFF))
    return bytes(damaged)


def _truncate(rng: Random, frame: bytes, _other: bytes) -> bytes:
    return frame[: rng.randrange(FRAME_MIN, len(frame) + 1)]


def _extend(rng: Random, frame: bytes, _other: bytes) -> bytes:
    return frame + rng.randbytes(rng.randrange(1, 64))


def _splice(rng: Random, frame: bytes, other: bytes) -> bytes:
    return frame[: rng.randrange(len(frame))] + other[rng.randrange(len(other)) :]


def _cut_out(rng: Random, frame: bytes, _other: bytes) -> bytes:
    start = rng.randrange(len(frame))
    return frame[:start] + frame[start + rng.randrange(1, 9) :]


def _keep(_rng: Random, frame: bytes, _other: bytes) -> bytes:
    return frame


_Damage = Callable[[Random, bytes, bytes], bytes]
_DAMAGES: tuple[_Damage, ...] = (
    *(_keep, _keep, _flip_bits, _flip_bits, _flip_bits),
    *(_set_byte, _truncate, _extend, _splice, _cut_out),
)
