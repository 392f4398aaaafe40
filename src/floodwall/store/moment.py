"""Instants on two clocks, so that a span of time survives restarts and clocks that are set.

Law: within one boot CLOCK_MONOTONIC alone counts; the wall clock is asked only across boots.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from floodwall.core.model import SECOND_NS

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant, in nanoseconds of CLOCK_MONOTONIC and of the wall clock since 1970."""

    ns: int
    wall_ns: int

    def wall_of(self, ns: int) -> int:
        """Return the wall time of another instant of CLOCK_MONOTONIC; of 0, never, it is 0."""
        return self.wall_ns + (ns - self.ns) if ns else 0


@dataclass(frozen=True, slots=True)
class Anchor:
    """A moment of a certain boot."""

    boot: str
    moment: Moment


def boot_id() -> str:
    """Return the kernel's name of this boot; empty where /proc does not tell it."""
    try:
        return _BOOT_ID.read_text().strip()
    except OSError:
        return ""


def carry_over(ns: int, last: Anchor, now: Anchor) -> int:
    """Return an instant of `last`'s CLOCK_MONOTONIC on `now`'s.

    Across boots the time that passed in between is what the wall clock says, and at least 0: a
    clock that was set back cannot make a ban longer than it was when it was last seen.
    """
    if last.boot and last.boot == now.boot:
        return ns
    passed_ns = max(0, now.moment.wall_ns - last.moment.wall_ns)
    return now.moment.ns + (ns - last.moment.ns) - passed_ns


def iso(wall_ns: int) -> str:
    """Write a wall time as ISO 8601 in UTC; a clock beyond year 9999 is written as it counts."""
    try:
        at = datetime.fromtimestamp(wall_ns // SECOND_NS, UTC)
    except (OverflowError, OSError, ValueError):
        return f"{wall_ns // SECOND_NS} s after 1970"
    return at.replace(microsecond=wall_ns % SECOND_NS // 1000).isoformat(timespec="milliseconds")
