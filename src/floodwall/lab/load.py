"""What legitimate clients do, and what they saw: values that travel to and from their process."""

from dataclasses import dataclass
from enum import StrEnum

REPLY_WITHIN_S = 4.0
"""A reply that comes later is a failure.

One lost packet is forgiven, whichever it is: a SYN costs 1 s, the first data of a connection whose
round-trip time is unknown 3 s (`TCP_TIMEOUT_FALLBACK`, RFC 6298 section 5.7; so after any cookie,
for clients without timestamps).
"""
STALL_S = 1.0  # silence on an established connection that counts as a stall


class Outcome(StrEnum):
    """How one attempt to get a page ended."""

    SERVED = "served"
    TIMED_OUT = "timed out"
    REFUSED = "refused"
    RESET = "reset"
    CUT = "cut"


@dataclass(frozen=True, slots=True)
class ClientOrder:
    """All that the process of one client network is told; times count from its start."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]  # addresses of the server, tried in turn
    port: int
    rate_per_s: float
    start_ns: int
    stop_ns: int
    long_lived: int
    timestamps: bool  # whether this network's clients send them
    cpu: int


@dataclass(frozen=True, slots=True)
class Attempt:
    """One new connection with one request; what was never reached is None."""

    start_ns: int
    outcome: Outcome
    ipv6: bool
    connect_ns: int | None = None
    served_ns: int | None = None
    retransmits: int = 0
    window_scale: bool = False
    sack: bool = False
    timestamps: bool = False


@dataclass(frozen=True, slots=True)
class LongLived:
    """One connection that was open the whole time; the worst silence in ns."""

    interactive: bool
    ipv6: bool
    exchanges: int
    received_bytes: int
    resets: int
    stalls: int
    worst_ns: int
    retransmits: int


@dataclass(frozen=True, slots=True)
class ClientReport:
    """Everything that the clients of one network saw."""

    timestamps: bool
    attempts: tuple[Attempt, ...]
    long_lived: tuple[LongLived, ...]
