"""The words of forensics: what every reader gives and every finding is made from."""

from dataclasses import dataclass, field
from enum import IntEnum, IntFlag, StrEnum
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from floodwall.core.address import Address, pack, unpack


class Format(StrEnum):
    """What a file turned out to be."""

    LOG = "log"
    PCAP = "pcap"
    PCAPNG = "pcapng"
    NETSTAT = "netstat"
    SS = "ss"
    PROC_NET_TCP = "proc_net_tcp"
    NSTAT = "nstat"
    PROC_NET_NETSTAT = "proc_net_netstat"
    NETSTAT_STATISTICS = "netstat_statistics"
    INCIDENT = "floodwall_incident"
    EMPTY = "empty"
    UNKNOWN = "unknown"


class Origin(IntEnum):
    """Where a request was seen; decides what its absence of replies means."""

    CAPTURE = 0
    DROPPED = 1
    """`TCP: drop open request from`: the listener's queue was nearly full of unproven requests."""
    FIREWALL = 2
    SOCKETS = 3
    """A request in SYN_RECV of a dump."""


class Flag(IntFlag):
    """Flags of a TCP header, RFC 9293 section 3.1."""

    FIN = 1
    SYN = 2
    RST = 4
    PSH = 8
    ACK = 16
    URG = 32
    ECE = 64
    CWR = 128


SEGMENTS = np.dtype(
    [
        ("at", "f8"),  # seconds since 1970 as the input says; NaN if it says nothing
        ("source_high", "u8"),  # addresses as two words, IPv4 as ::ffff:a.b.c.d
        ("source_low", "u8"),
        ("victim_high", "u8"),  # both 0 where the input does not name the victim
        ("victim_low", "u8"),
        ("layout", "u8"),  # order of the TCP options, four bits each, see captures/options.py
        ("sequence", "u4"),
        ("acknowledgement", "u4"),
        ("data", "u4"),  # bytes of payload
        ("weight", "u4"),  # how often the line was repeated; 1 for packets
        ("source_port", "u2"),
        ("port", "u2"),
        ("window", "u2"),
        ("mss", "u2"),
        ("flags", "u1"),
        ("ttl", "u1"),
        ("origin", "u1"),
    ],
    align=True,
)
Segments: TypeAlias = NDArray[np.void]
"""An array of SEGMENTS: packets, or requests that a log names."""


class Sign(StrEnum):
    """Kernel messages that tell about load without naming a source."""

    POSSIBLE_FLOOD = "possible_syn_flooding"
    CONNTRACK_FULL = "conntrack_full"
    LISTEN_OVERFLOW = "listen_queue_overflow"
    ORPHANS = "too_many_orphaned_sockets"
    SOCKET_MEMORY = "out_of_socket_memory"
    TIME_WAIT = "time_wait_overflow"
    ROUTE_CACHE = "route_cache_overflow"
    NEIGHBOURS = "neighbour_table_overflow"
    SHRUNK_WINDOW = "shrunk_window"
    COOKIE_FAILED = "syncookie_failed"
    MESSAGES_LOST = "kernel_messages_lost"


@dataclass(frozen=True, slots=True)
class ClockAssumption:
    """How times without a year or a zone were read."""

    year: int | None = None
    zone: str = "UTC"
    how: str = "the input states it"
    ambiguous: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Input:
    """One file, and what became of it."""

    path: str
    format: Format = Format.UNKNOWN
    records: int = 0
    errors: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    clock: ClockAssumption = field(default_factory=ClockAssumption)


@dataclass(frozen=True, slots=True)
class ListenQueue:
    """A listening socket of a dump."""

    address: str
    port: int
    waiting: int
    """Finished connections that nobody has accepted yet."""
    backlog: int
    """0 where the dump does not tell."""


@dataclass(frozen=True, slots=True)
class SocketSnapshot:
    """All TCP sockets of one dump, which is one moment."""

    half_open: Segments
    """Requests in SYN_RECV, without a time."""
    listeners: tuple[ListenQueue, ...]
    states: tuple[tuple[str, int], ...]
    """Number of sockets by state, in the words of Linux."""


@dataclass(frozen=True, slots=True)
class CounterSnapshot:
    """Counters of the stack by their kernel names."""

    values: tuple[tuple[str, int], ...]
    is_difference: bool = False
    """Whether they count since the last look instead of since boot."""


def words_of(address: Address) -> tuple[int, int]:
    """Return the two words of an address."""
    packed = pack(address)
    return int.from_bytes(packed[:8], "big"), int.from_bytes(packed[8:], "big")


def address_of(high: int, low: int) -> Address | None:
    """Return the address of two words; None for the address that stands for unknown."""
    if not high and not low:
        return None
    return unpack(int(high).to_bytes(8, "big") + int(low).to_bytes(8, "big"))


def pick(segments: Segments, which: NDArray[np.generic]) -> Segments:
    """Return some segments; as plain bytes, which numpy copies faster than fields."""
    whole = segments.view(f"V{SEGMENTS.itemsize}")
    return np.ascontiguousarray(whole[which]).view(SEGMENTS)


def blank(count: int) -> Segments:
    """Return segments of weight 1 without a time, to be filled."""
    made = np.zeros(count, SEGMENTS)
    made["at"] = np.nan
    made["weight"] = 1
    return made
