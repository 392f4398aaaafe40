"""What is going on at this moment, as every screen shows it: values made from one second.

Law: it only describes.  What was not sensed is None, never 0; a share is between 0 and 1, and a
rate is per second.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from floodwall.core.verdict import Evidence, Interval

SERVICES_MAX = 64
"""Services that are told one by one; the others are added up."""

INCIDENTS_MAX = 32
"""Open incidents that are told; each service has one at most."""


@dataclass(frozen=True, slots=True)
class CanaryTally:
    """Our own handshakes with one listener in the last minute, and the last of them."""

    tried: int
    failed: int
    connected: bool
    took_ms: float | None = None
    why: str = ""
    median_ms: float | None = None
    worst_ms: float | None = None


@dataclass(frozen=True, slots=True)
class LiveService:
    """One service in this second."""

    index: int
    name: str
    port: int
    mode: str
    mechanism: str
    kind: str = "calm"
    confidence: float | None = None
    since_s: float = 0.0
    """For how long the verdict has been the same."""
    evidence: tuple[Evidence, ...] = ()
    spoof: Interval | None = None
    advice: str = ""
    rung: str = "observe"
    reason: str = ""
    """Why it stands on that rung: the sentence of the last decision that moved it."""
    armed_for_s: float | None = None
    """None while it is calm."""
    rates: Mapping[str, float] = field(default_factory=dict)
    """`syns`, `passed`, `challenged`, `proven`, `bad_acks`, `completed`; empty if uncounted."""
    totals: Mapping[str, int] = field(default_factory=dict)
    """The same since the maps were made."""
    pending: int | None = None
    high: int | None = None
    """Above so many pending handshakes it is challenged."""
    capacity: int = 0
    """Half-open connections that its queue takes."""
    half_open: int | None = None
    waiting: int | None = None
    """Complete connections that the application has not accepted."""
    backlog: int | None = None
    established: int | None = None
    silent: int | None = None
    sources: int | None = None
    canary: CanaryTally | None = None


@dataclass(frozen=True, slots=True)
class LiveMachine:
    """The machine as a whole in this second."""

    kind: str = "calm"
    confidence: float | None = None
    since_s: float = 0.0
    evidence: tuple[Evidence, ...] = ()
    advice: str = ""
    busy: float | None = None
    softirq: float | None = None
    busiest_softirq: float | None = None
    conntrack: float | None = None
    """Share of the connection tracking table that is taken."""
    received_bit_s: float | None = None
    sent_bit_s: float | None = None
    received_packet_s: float | None = None
    link_bit_s: int | None = None
    """Speed of the links together; None where a driver does not tell."""
    stack: Mapping[str, float] = field(default_factory=dict)
    """Rates of the stack's own counters, like `listen_overflows`."""
    reasons: Mapping[str, float] = field(default_factory=dict)
    """Packets by the reason for which they left the data plane; those that move."""
    reason_totals: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LiveIncident:
    """An incident that goes on."""

    service: str
    kind: str
    words: str
    """How an operator reads the kind."""
    lasted_s: float
    quiet_s: float
    """For how long it has been calm; it is over after a minute."""


@dataclass(frozen=True, slots=True)
class Live:
    """Everything that a screen shows of one second."""

    at_ns: int
    """CLOCK_MONOTONIC of the observation."""
    wall_s: float | None
    services: tuple[LiveService, ...] = ()
    """At most SERVICES_MAX, the most troubled first."""
    more_services: int = 0
    rest: Mapping[str, float] = field(default_factory=dict)
    """Rates of those that are not told, added up."""
    rest_totals: Mapping[str, int] = field(default_factory=dict)
    machine: LiveMachine = field(default_factory=LiveMachine)
    incidents: tuple[LiveIncident, ...] = ()
    counted: bool = True
    """False where no data plane counts SYNs."""
    blind: Mapping[str, str] = field(default_factory=dict)
    """Sensors that fail, and why."""
    losses: Mapping[str, int] = field(default_factory=dict)
