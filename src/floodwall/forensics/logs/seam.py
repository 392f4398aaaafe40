"""What the lines of a log tell about those behind them, where a log is read in parts.

A part begins a little before its first line, to find out what a reader would know there.  Law: that
is never believed, only compared with what the reader of the part before knew at its end.
"""

from dataclasses import dataclass, field

from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.logs.messages import Drop
from floodwall.forensics.partial import Suppressed

MOST_HOSTS = 1 << 15
"""Hosts that are remembered; a log may name as many as it likes."""


@dataclass(frozen=True, slots=True)
class Recent:
    """What the last lines tell."""

    pending: Suppressed | None = None
    """A total that belongs to the message behind it."""
    was_network: bool = False
    """Whether the last message was one of the network."""
    hidden: int = 0
    """Suppressed messages that the naive reading credits to the next address."""
    last_drop: tuple[float, Drop] | None = None
    """What `last message repeated` would repeat."""


@dataclass(frozen=True, slots=True)
class Seam:
    """What is known between two lines of a log."""

    clock: Clock
    recent: Recent = field(default_factory=Recent)
    wrapped: bool = False
    stamped: frozenset[bytes] = frozenset()
    """Hosts whose kernel stamps its own lines."""
    plain: frozenset[bytes] = frozenset()
    """Hosts that were believed without such a stamp."""

    def fits(self, begin: "Seam", end: "Seam") -> bool:
        """Tell whether a part that began and ended so reads as if it had begun with this."""
        known = (self.wrapped, repr(self.recent), self.clock.place)  # as text: no time is NaN
        guessed = (begin.wrapped, repr(begin.recent), begin.clock.place)
        return (
            known == guessed
            and begin.stamped <= self.stamped
            and self.stamped.isdisjoint(end.plain)
            and (len(end.plain) < MOST_HOSTS or not self.stamped)
        )

    def then(self, end: "Seam") -> "Seam":
        """Return what is known behind a part that fits, and ended so."""
        return Seam(
            self.clock.then(end.clock),
            end.recent,
            end.wrapped,
            self.stamped | end.stamped,
            self.plain | end.plain,
        )
