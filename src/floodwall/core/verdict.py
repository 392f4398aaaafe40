"""What is going on at one service, with the evidence for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a second can be called, in the words of RFC 4987 where it has them."""

    CALM = "calm"
    SPOOFED_FLOOD = "spoofed_flood"
    REAL_FLOOD = "real_source_flood"
    MIXED_FLOOD = "mixed_flood"
    FLASH_CROWD = "flash_crowd"
    SLOW_APPLICATION = "slow_application"
    SYN_SCAN = "syn_scan"
    ACK_FLOOD = "ack_flood"
    CONNECTION_FLOOD = "connection_flood"
    REFLECTION = "synack_reflection"

    @property
    def is_attack(self) -> bool:
        """Tell whether somebody means harm; crowds and slow applications do not."""
        return self not in (Kind.CALM, Kind.FLASH_CROWD, Kind.SLOW_APPLICATION)


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimated share with its 95 % confidence interval (Wilson score)."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observed fact that speaks for a verdict or a decision."""

    name: str
    """Stable name for machines, like `accept_queue_fill`."""
    value: float
    limit: float | None = None
    """What it was compared with."""
    text: str = ""
    """The same for a reader, with units."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one service, or the machine, is going through."""

    service: int | None
    """Index of the service; None is the machine as a whole."""
    kind: Kind
    confidence: float
    """0 to 1; how well the evidence separates this kind from its nearest rival."""
    since_ns: int
    evidence: tuple[Evidence, ...] = ()
    spoof_index: Interval | None = None
    """Share of challenged SYNs whose source never answered."""
    advice: str = ""
    """What the operator can do, like the line that raises a backlog."""
    rates: Mapping[str, float] = field(default_factory=dict)
