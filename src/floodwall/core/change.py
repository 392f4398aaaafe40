"""Change detection: cumulative sums (Page 1954) find a jump at once and a slow ramp in time."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cusum:
    """The sum of what exceeded the usual, never below zero."""

    total: float = 0.0

    def add(self, excess: float, most: float, *, fades: bool = False) -> "Cusum":
        """Add one second's excess, negative if it was less than usual.

        The sum stays below `most`, so that it soon falls when the cause is gone.  With `fades`, a
        second without excess halves it: single bursts, however many, then never add up.
        """
        total = self.total + excess
        if fades and excess <= 0:
            total = min(total, self.total / 2)
        return Cusum(min(max(total, 0.0), most))
