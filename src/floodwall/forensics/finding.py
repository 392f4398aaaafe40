"""What a finding says: the shape that all kinds of findings share."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from floodwall.core.address import Address
from floodwall.core.verdict import Evidence, Interval
from floodwall.core.verdict import Kind as LiveKind


class Kind(StrEnum):
    """The kinds of findings, worst first."""

    SYN_FLOOD = "syn_flood"
    ACK_FLOOD = "ack_flood"
    CONNECTION_FLOOD = "connection_flood"
    SYNACK_REFLECTION = "synack_reflection"
    SYN_SCAN = "syn_scan"
    BACKSCATTER = "backscatter"
    SLOW_APPLICATION = "slow_application"
    FLASH_CROWD = "flash_crowd"

    @property
    def is_attack(self) -> bool:
        """Tell whether somebody means harm to a machine in the evidence."""
        return self in _ATTACKS


_ATTACKS = (
    Kind.SYN_FLOOD,
    Kind.ACK_FLOOD,
    Kind.CONNECTION_FLOOD,
    Kind.SYNACK_REFLECTION,
    Kind.SYN_SCAN,
)
# The same ideas as the live defence names them.
OF_LIVE = {
    LiveKind.SPOOFED_FLOOD: Kind.SYN_FLOOD,
    LiveKind.REAL_FLOOD: Kind.SYN_FLOOD,
    LiveKind.MIXED_FLOOD: Kind.SYN_FLOOD,
    LiveKind.FLASH_CROWD: Kind.FLASH_CROWD,
    LiveKind.SLOW_APPLICATION: Kind.SLOW_APPLICATION,
    LiveKind.SYN_SCAN: Kind.SYN_SCAN,
    LiveKind.ACK_FLOOD: Kind.ACK_FLOOD,
    LiveKind.CONNECTION_FLOOD: Kind.CONNECTION_FLOOD,
    LiveKind.REFLECTION: Kind.SYNACK_REFLECTION,
}


@dataclass(frozen=True, slots=True)
class Victim:
    """What was hit; no address where the evidence does not name it, port 0 for many or unknown."""

    address: Address | None
    port: int


@dataclass(frozen=True, slots=True)
class Requests:
    """How many; `suppressed` is a total over all sources and is credited to none."""

    observed: int
    suppressed: int = 0
    reason: str = ""

    @property
    def total(self) -> int:
        """Return both together."""
        return self.observed + self.suppressed


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests a second; None where the evidence does not tell."""

    mean: float | None
    peak: float | None
    lowest: float | None
    series: tuple[tuple[float, float], ...] = ()
    """Start of a span, in seconds since 1970, and requests a second in it; a few hundred."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Talker:
    """One source, or endpoint, or prefix, and what it asked for."""

    name: str
    requests: int
    naive: int | None = None
    """What one would have counted who credits suppressed messages to the next line's source."""
    error: int = 0
    """`requests` may be too low by this."""
    first: float | None = None
    last: float | None = None
    country: str = ""
    network: str = ""


@dataclass(frozen=True, slots=True)
class Space:
    """The smallest network of whole bytes that holds the sources of a family, in 256 parts."""

    network: str
    parts: tuple[int, ...]
    """Requests by the byte behind the network."""


@dataclass(frozen=True, slots=True)
class Sources:
    """Who asked."""

    distinct: int
    exact: bool = True
    low: int = 0
    high: int = 0
    """95 % confidence interval; both are `distinct` where it is exact."""
    top: tuple[Talker, ...] = ()
    endpoints: tuple[Talker, ...] = ()
    prefixes: tuple[Talker, ...] = ()
    reason: str = ""
    spaces: tuple[Space, ...] = ()


@dataclass(frozen=True, slots=True)
class Spoofing:
    """How likely the sources were forged."""

    index: Interval | None
    """Share of answered requests that nobody completed; None where replies are not visible."""
    basis: str
    indirect: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A form of SYN that many requests share."""

    options: str
    window: int
    mss: int
    ttl: int
    flags: str
    requests: int


@dataclass(frozen=True, slots=True)
class Handshakes:
    """How far the requests got; None where the evidence does not tell."""

    started: int
    answered: int
    completed: int
    repeated: int
    """Requests from an endpoint that was half-open already."""
    longest_s: float
    longest: tuple[Talker, ...] = ()
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that happened."""

    kind: Kind
    confidence: float
    start: float | None
    end: float | None
    victims: tuple[Victim, ...]
    requests: Requests
    rate: Rate
    sources: Sources
    spoofing: Spoofing
    evidence: tuple[Evidence, ...] = ()
    fingerprints: tuple[Fingerprint, ...] = ()
    source_ports: tuple[int, ...] = ()
    """Requests by class of source port, 64 classes of 1,024."""
    ttls: tuple[tuple[int, int], ...] = ()
    handshakes: Handshakes | None = None
    notes: tuple[str, ...] = ()
    relative: bool = False
    """Whether times count from the start of a machine."""


@dataclass(frozen=True, slots=True)
class Hint:
    """A fact that is worth knowing and proves nothing by itself."""

    name: str
    count: int
    text: str
    first: float | None = None
    last: float | None = None
    details: tuple[str, ...] = field(default=())


def worst(findings: Iterable[Finding]) -> Kind | None:
    """Return the kind of the worst finding; None if there is none."""
    order = list(Kind)
    return min((finding.kind for finding in findings), key=order.index, default=None)
