"""What the data plane is told and what it remembers, as plain values."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import Enum, auto
from ipaddress import ip_address

from floodwall.kernel._abi import BEATS, SLICES, Flag, Mechanism, Mode, Purse, Reason
from tests.support.oracle.prefixes import Prefixes

SECOND_NS = 1_000_000_000
TICK_NS = 2**26  # of the bans of single addresses
LAST_TICK = 2**31 - 2  # that such a ban can end at
ALL_OPTIONS = Flag.SACK | Flag.WSCALE | Flag.TIMESTAMPS | Flag.ECN
_MAPPED = bytes(10) + b"\xff\xff"

Endpoint = tuple[bytes, int]  # a packed address and a port
FourTuple = tuple[bytes, int, bytes, int]  # source, source port, destination, destination port


def packed(address: str) -> bytes:
    """Return an address as 16 bytes, IPv4 in its mapped form."""
    raw = ip_address(address).packed
    return raw if len(raw) == 16 else _MAPPED + raw


class SocketKind(Enum):
    """What a socket lookup finds, as far as the data plane tells apart."""

    NONE = auto()
    LISTEN = auto()
    TIME_WAIT = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Config:
    """Settings of the whole machine."""

    flags: int = ALL_OPTIONS
    key_current: int = 0
    debt_source_max: int = 0
    debt_port_max: int = 0
    debt_prefix_max: int = 0
    hash_seed: int = 0x0123456789ABCDEF
    debt_halving_ns: int = 10 * SECOND_NS
    slice_ns: int = 2 * SECOND_NS
    closed_port_rate: int = 0
    authenticated_rate: int = 10
    known_rate: int = 10
    mss_ipv4: int = 1460
    mss_ipv6: int = 1440
    guard_epoch: int = 0
    rate_source_max: int = 0
    rate_port_max: int = 0


@dataclass(frozen=True, slots=True)
class Key:
    """One cookie key."""

    k0: int
    k1: int
    valid: bool = True
    window_scale: int = 7


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one service."""

    mode: Mode = Mode.AUTO
    mechanism: Mechanism = Mechanism.HANDOVER
    high: int = 1000
    low: int = 100
    hold_ns: int = 5 * SECOND_NS
    forced_until_ns: int = 0
    reset_seq: int = 0
    window: int = 64240
    ack_guard: bool = False
    rate_drop: bool = False


@dataclass(slots=True)
class State:
    """What the kernel remembers of one service."""

    armed_until_ns: int = 0
    armed_at_ns: int = 0
    first_challenge_ns: int = 0
    check_until_ns: int = 0
    arms: int = 0
    pending: int = 0
    slices: list[int] = field(default_factory=lambda: [0] * SLICES)
    beats: list[int] = field(default_factory=lambda: [0] * BEATS)
    slice: int = 0
    beat: int = 0
    reset_seq: int = 0


@dataclass(slots=True)
class Tally:
    """Counters of one service on the CPU that judges."""

    syns: int = 0
    passed: int = 0
    challenged: int = 0
    proven: int = 0
    bad_acks: int = 0
    completed: int = 0
    unreported: int = 0
    beat: int = 0


@dataclass(slots=True)
class Ban:
    """One ban and its hits."""

    expires_ns: int = 0
    hits: int = 0
    last_hit_ns: int = 0


@dataclass(slots=True)
class Proof:
    """When a source last proved itself, and how often."""

    last_ns: int = 0
    count: int = 0


@dataclass(slots=True)
class Service:
    """One protected listener: limits, state and counters."""

    limits: Limits = field(default_factory=Limits)
    state: State = field(default_factory=State)
    tally: Tally = field(default_factory=Tally)


@dataclass(slots=True)
class Budget:
    """How much of a second's budget is spent."""

    second: int = 0
    spent: int = 0


@dataclass(frozen=True, slots=True)
class Follow:
    """A handshake just handed over; `left` is what tc finds here if not in front of the packet."""

    tuple: int
    at_ns: int
    sequence: int
    acknowledgement: int
    left: bytes = b""


@dataclass(slots=True)
class World:
    """Everything that a verdict can depend on, and everything that it can change."""

    now_ns: int = 1000 * SECOND_NS
    lease_until_ns: int = 1 << 62
    config: Config = field(default_factory=Config)
    keys: list[Key | None] = field(default_factory=lambda: [Key(1, 2), None])
    services: dict[int, Service] = field(default_factory=dict)
    service_keys: dict[Endpoint, int] = field(default_factory=dict)
    addresses: set[bytes] = field(default_factory=set)
    bans: dict[bytes, Ban] = field(default_factory=dict)
    ban_nets: Prefixes[Ban] = field(default_factory=Prefixes)
    never_ban: Prefixes[bool] = field(default_factory=Prefixes)
    proven: dict[bytes, Proof] = field(default_factory=dict)
    rates: dict[int, tuple[int, int, int]] = field(default_factory=dict)  # -> tag, second, SYNs
    debts: dict[int, tuple[int, int]] = field(default_factory=dict)  # index -> tick, owed
    seen: dict[int, tuple[int, int]] = field(default_factory=dict)  # cell -> epoch, bits
    follows: dict[int, Follow] = field(default_factory=dict)
    budgets: dict[Purse, Budget] = field(default_factory=lambda: {p: Budget() for p in Purse})
    reasons: Counter[Reason] = field(default_factory=Counter)
    sockets: dict[FourTuple, SocketKind] = field(default_factory=dict)
    listeners: set[Endpoint] = field(default_factory=set)
    full_listeners: set[Endpoint] = field(default_factory=set)  # accept queue full
    no_metadata: bool = False  # the driver has no room in front of packets

    def protects(self, source: bytes) -> bool:
        """Tell whether no rule may drop this source."""
        return self.never_ban.lookup(source) is not None

    def holds_lease(self) -> bool:
        """Tell whether the daemon's lease still runs."""
        return self.now_ns < self.lease_until_ns

    def find_socket(self, four: FourTuple) -> SocketKind:
        """Return what a lookup of source and destination finds."""
        exact = self.sockets.get(four)
        if exact is not None:
            return exact
        listens = (four[2], four[3]) in self.listeners
        return SocketKind.LISTEN if listens else SocketKind.NONE
