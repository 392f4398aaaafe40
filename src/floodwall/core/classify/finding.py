"""What a rule found, and how sure it is.

Law: confidence has one meaning everywhere.  It is t / (1 + t), where t is how many times the
evidence exceeds the border to the nearest rival: 0.5 on the border, 0.9 at nine times.
"""

from dataclasses import dataclass

from floodwall.core.verdict import Evidence, Interval, Kind

SUREST = 0.99
"""Counters never tell everything."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one rule says of one second."""

    kind: Kind
    times: float
    """How many times the evidence exceeds the border to the nearest rival."""
    evidence: tuple[Evidence, ...]
    spoof_index: Interval | None = None
    advice: str = ""
    most: float = SUREST
    """The confidence is never above: there is something that the counters cannot tell apart."""

    @property
    def confidence(self) -> float:
        """How well the evidence separates this kind from its nearest rival."""
        times = max(self.times, 0.0)
        return min(times / (1 + times), self.most)


def ratio(value: float, limit: float) -> float:
    """Return how many times a value exceeds its limit; a limit of nothing is one."""
    return value / max(limit, 1e-9) if limit > 0 else value
