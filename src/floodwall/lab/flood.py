"""What a flood is: who it claims to come from, what it sends, how fast, and when.

Frozen values that travel as JSON to the process that sends.
"""

from dataclasses import dataclass
from enum import StrEnum

from floodwall.lab.addresses import Family

FIXED_SOURCES = 572  # addresses counted in the attack that the project remembers


class Sources(StrEnum):
    """Where the packets of a flood say that they come from."""

    RANDOM = "random"
    SUBNET = "subnet"
    FIXED = "fixed"
    SINGLE = "single"
    LISTED = "listed"  # in the flood itself


class Ports(StrEnum):
    """Which source ports they have."""

    RANDOM = "random"
    FIXED = "fixed"


class Segment(StrEnum):
    """What they are."""

    SYN = "syn"
    ACK = "ack"


class Engine(StrEnum):
    """Which of the two generators sends them."""

    EXACT = "exact"
    FAST = "fast"


EXACT_MAX_PPS = 500_000.0  # above it the AF_PACKET generator would eat the clients' CPU too


Window = tuple[int, int]  # from and until, ns


@dataclass(frozen=True, slots=True)
class Pulse:
    """A flood that comes and goes: seconds with and seconds without."""

    on_s: float
    off_s: float


@dataclass(frozen=True, slots=True)
class Sweep:
    """Destination ports that are tried one after the other, the last one too."""

    first: int
    last: int

    @property
    def count(self) -> int:
        """How many they are."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class Flood:
    """One stream of packets that nobody ever answers for; rate None = as fast as it goes.

    A `ramp` rises evenly from nothing to its rate; a `sweep` goes to its ports instead of one.
    """

    sources: Sources
    rate_pps: float | None
    family: Family = Family.IPV4
    segment: Segment = Segment.SYN
    ports: Ports = Ports.RANDOM
    count: int = FIXED_SOURCES
    options: bool = True
    pulse: Pulse | None = None
    addresses: tuple[str, ...] = ()
    sweep: Sweep | None = None
    ramp: bool = False

    @property
    def engine(self) -> Engine:
        """The generator that can do it: fast if the rate is high or none, exact for the rest."""
        slow = self.rate_pps is not None and self.rate_pps <= EXACT_MAX_PPS
        special = self.ramp or self.sweep is not None or self.sources is Sources.LISTED
        return Engine.EXACT if slow or special else Engine.FAST

    def windows(self, start_ns: int, stop_ns: int) -> tuple[Window, ...]:
        """Return the times between which it sends."""
        if self.pulse is None:
            return ((start_ns, stop_ns),)
        on_ns = round(self.pulse.on_s * 1e9)
        period_ns = on_ns + round(self.pulse.off_s * 1e9)
        starts = range(start_ns, stop_ns, period_ns)
        return tuple((begin, min(begin + on_ns, stop_ns)) for begin in starts)


@dataclass(frozen=True, slots=True)
class Aim:
    """Where a flood goes to, at which service and through which interface of the router."""

    interface: str
    source_mac: str
    mac: str
    address: str
    port: int


@dataclass(frozen=True, slots=True)
class FloodOrder:
    """All that the sending process is told; windows count from the moment of its start."""

    flood: Flood
    aim: Aim
    windows: tuple[Window, ...]
    max_packets: int
    cpu: int


@dataclass(frozen=True, slots=True)
class FloodReport:
    """What it sent, and how often the queue had no room at all.  Times are monotonic ns."""

    engine: Engine
    sent: int
    refused: int
    first_ns: int
    last_ns: int
