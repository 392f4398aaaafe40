"""The Observation of one second: everything that was sensed, and what could not be."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from floodwall.core.address import Address, Network
from floodwall.core.model import (
    Ages,
    Endpoint,
    HalfOpen,
    Protected,
    Reading,
    StackLimits,
    Target,
    Translation,
)
from floodwall.core.signs import Signs


@dataclass(frozen=True, slots=True)
class SensorFailure:
    """A part of the outside world that could not be read this second."""

    sensor: str
    why: str


@dataclass(frozen=True, slots=True)
class Observation:
    """The outside world in one second.  None is what could not be sensed, never what is empty."""

    now_ns: int
    wall_s: float | None = None
    """Seconds since 1970 UTC, for what goes by the hour of the week; nothing else may use it."""
    interfaces: frozenset[int] = frozenset()
    """Interfaces that the data plane is attached to."""
    mtu: int = 1500
    """Smallest MTU of these."""
    can_hand_over: bool = True
    stack: StackLimits | None = None
    targets: tuple[Target, ...] | None = None
    addresses: frozenset[Address] | None = None
    translations: tuple[Translation, ...] | None = None
    nat: bool | None = None
    """NAT rules are there: what is handed over reaches no listener."""
    protected: frozenset[Protected] | None = None
    half_open: tuple[HalfOpen, ...] | None = None
    """At most ENTRIES_MAX of sense/half_open.py, those that have waited longest before others."""
    requests: Mapping[Endpoint, int] = field(default_factory=dict)
    """How many half-open entries there are by local endpoint: all of them."""
    ages: Mapping[Endpoint, Ages] = field(default_factory=dict)
    """The youngest of them, where no data plane counts SYNs."""
    bans: Mapping[Network, int] | None = None
    """Bans in force as the daemon keeps them, with the time until which each holds; 0 is no end."""
    readings: tuple[Reading, ...] | None = None
    data_plane: bool = True
    """False on a rung without one: nothing counts or challenges, and only queues are known."""
    signs: Signs = field(default_factory=Signs)
    reasons: Mapping[str, int] = field(default_factory=dict)
    """Packets by the reason for which they left the data plane, summed over CPUs."""
    failures: tuple[SensorFailure, ...] = ()
    losses: Mapping[str, int] = field(default_factory=dict)
    """How often the kernel lost answers to a sensor (ENOBUFS), which were asked for again: totals
    since the daemon began; a sensor that never lost any is not in it."""
