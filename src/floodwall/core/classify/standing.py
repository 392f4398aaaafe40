"""What is said from second to second: at once when something begins, slowly when it ends."""

from collections.abc import Sequence
from dataclasses import dataclass

from floodwall.core.classify.finding import Finding
from floodwall.core.model import SECOND_NS
from floodwall.core.verdict import Kind

HOLD_NS = 10 * SECOND_NS
"""A kind is still said so long after it was last found: pulses with pauses are one attack."""

CONVINCED = 3
"""Findings in a row before one attack is called another, if both could be."""

GRAVITY: Sequence[Kind] = (
    Kind.CALM,
    Kind.FLASH_CROWD,
    Kind.SLOW_APPLICATION,
    Kind.SYN_SCAN,
    Kind.REFLECTION,
    Kind.ACK_FLOOD,
    Kind.CONNECTION_FLOOD,
    Kind.REAL_FLOOD,
    Kind.SPOOFED_FLOOD,
    Kind.MIXED_FLOOD,
)
"""Mildest first."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The kind that is said at present."""

    kind: Kind = Kind.CALM
    since_ns: int = 0
    """When it was first said."""
    found_ns: int = 0
    """When it was last found."""
    rival: Kind | None = None
    rival_count: int = 0
    finding: Finding | None = None
    """What was last found of it."""

    def settle(self, finding: Finding | None, now_ns: int) -> "Standing":
        """Return what to say after a second in which this was found, or nothing."""
        kind = Kind.CALM if finding is None else finding.kind
        if kind is self.kind:
            return Standing(kind, self.since_ns or now_ns, now_ns, None, 0, finding)
        count = self.rival_count + 1 if kind is self.rival else 1
        if self._gives_way(kind, count, now_ns):
            return Standing(kind, now_ns, now_ns, None, 0, finding)
        return Standing(self.kind, self.since_ns, self.found_ns, kind, count, self.finding)

    def is_held(self, now_ns: int) -> bool:
        """Tell whether it is said from memory: it was not found in this second."""
        return now_ns > self.found_ns

    def _gives_way(self, kind: Kind, count: int, now_ns: int) -> bool:
        if self.kind is Kind.CALM or now_ns - self.found_ns >= HOLD_NS:
            return True
        if kind.is_attack and self.kind.is_attack:
            return count >= CONVINCED
        return GRAVITY.index(kind) > GRAVITY.index(self.kind)
