"""What is usual: learned second by second, slow to believe what is far out.

Law: one value moves a baseline by no more than three times its usual spread, so that an attacker
must be patient, and attacks are not learned from at all (the caller sees to that).
"""

from dataclasses import dataclass
from math import sqrt

MEMORY_S = 900.0
"""Time constant: a new level is half learned after ten minutes."""

READY_S = 10.0
"""Seconds after which a baseline is worth a comparison; its spread is wide until then."""

CLIP = 3.0
"""Huber's clip in spreads; and the spread needs some values before it can clip."""

UNCLIPPED_S = 30.0

NORMAL = 1.2533
"""Standard deviation of a normal distribution over its mean absolute deviation, sqrt(pi / 2)."""

HOURS = 168
"""Hours of a week."""

SEASON_WEIGHT = 0.3
"""Weight of the latest week; three weeks make two thirds of an hour's level."""


@dataclass(frozen=True, slots=True)
class Baseline:
    """The usual level of one quantity and its usual spread."""

    level: float = 0.0
    spread: float = 0.0
    seconds: float = 0.0
    """How much time it has learned from."""

    @property
    def is_ready(self) -> bool:
        """Tell whether it has seen enough to compare with."""
        return self.seconds >= READY_S

    def learn(self, value: float, seconds: float = 1.0, memory_s: float = MEMORY_S) -> "Baseline":
        """Return the baseline after a value that held for some seconds."""
        learned = self.seconds + seconds
        weight = seconds / min(learned, memory_s) if learned > 0 else 0.0
        weight = min(weight, 1.0)
        away = value - self.level
        if self.seconds >= UNCLIPPED_S:
            # Counts spread at least like those of a Poisson process, which is also the way out
            # of a spread of nothing.
            reach = CLIP * max(self.spread, sqrt(max(self.level, 0.0)), 0.01)
            away = max(-reach, min(reach, away))
        first = self.seconds <= 0
        spread = 0.0 if first else self.spread + weight * (abs(away) * NORMAL - self.spread)
        return Baseline(self.level + weight * away, spread, min(learned, 1e9))

    def high(self, spreads: float = 4.0) -> float:
        """Return what is seldom exceeded."""
        return self.level + spreads * self.spread

    def as_json(self) -> list[float]:
        """Return it as JSON takes it."""
        return [self.level, self.spread, self.seconds]


@dataclass(frozen=True, slots=True)
class Season:
    """Levels by hour of week, as far as there is history; -1 is none."""

    levels: tuple[float, ...] = ()
    hour: int | None = None
    """The hour that is under way."""

    def enter(self, hour: int | None, level: float) -> "Season":
        """Go on in an hour of week; the hour that ends leaves `level`, which it had in the end."""
        if hour == self.hour:
            return self
        if self.hour is None:
            return Season(self.levels, hour)
        levels = list(self.levels or (-1.0,) * HOURS)
        before = levels[self.hour]
        levels[self.hour] = level if before < 0 else before + SEASON_WEIGHT * (level - before)
        return Season(tuple(levels), hour)

    def expected(self) -> float | None:
        """Return the largest level of this hour and the next, or None without history.

        The next counts too: what comes at eight every day may come some minutes early.
        """
        if self.hour is None or not self.levels:
            return None
        known = max(self.levels[self.hour], self.levels[(self.hour + 1) % HOURS])
        return None if known < 0 else known


def hour_of_week(wall_s: float | None) -> int | None:
    """Return the hour since Monday 00:00 UTC, or None without a clock."""
    if wall_s is None:
        return None
    # 1970-01-01 was a Thursday.
    return int(wall_s // 3600 + 72) % HOURS
