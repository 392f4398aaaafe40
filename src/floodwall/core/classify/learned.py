"""What is remembered of a service for good: its baselines, also across restarts."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from floodwall.core.baseline import HOURS, Baseline, Season
from floodwall.core.classify.flow import Flow
from floodwall.core.classify.unanswered import USUAL_COLD, USUAL_LEAST, USUAL_MOST
from floodwall.core.classify.view import Usual

SHARE_READY_S = 60.0
"""The share of unanswered SYNs is trusted after a minute."""

SHARE_MEMORY_S = 6 * 3600.0
"""Networks are as good or bad as they were this morning: a ramp of an hour is not learned."""

SHARE_OLD_S = 3600.0
"""Before, no more is believed to be usual than without any learning."""

SHARE_LEAST_ASKED = 5
"""Fewer SYNs in a second make no share."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What one second can teach; None could not be told."""

    flow: Flow
    unanswered: float | None
    """SYNs a second without answer."""
    silent: int | None
    """Connections that said nothing."""


@dataclass(frozen=True, slots=True)
class Learned:
    """Baselines of one service."""

    answered: Baseline = field(default_factory=Baseline)
    season: Season = field(default_factory=Season)
    unanswered_share: Baseline = field(default_factory=Baseline)
    silent: Baseline = field(default_factory=Baseline)

    @property
    def is_old(self) -> bool:
        """Tell whether all of it is past its first steps."""
        return self.answered.seconds >= SHARE_READY_S

    def usual(self) -> Usual:
        """Return what to compare with."""
        season = self.season.expected() or 0.0
        ready = self.answered.is_ready
        share = USUAL_COLD
        if self.unanswered_share.seconds >= SHARE_READY_S:
            most = USUAL_MOST if self.unanswered_share.seconds >= SHARE_OLD_S else USUAL_COLD
            share = min(max(self.unanswered_share.high(), USUAL_LEAST), most)
        return Usual(
            answered=max(self.answered.high(), season) if ready else None,
            answered_level=self.answered.level,
            unanswered_share=share,
            silent=self.silent.high() if self.silent.seconds > 0 else None,
        )

    def learn(self, lesson: Lesson) -> "Learned":
        """Learn from a second without attack."""
        flow, seconds = lesson.flow, lesson.flow.seconds
        answered, share = self.answered, self.unanswered_share
        if lesson.unanswered is not None:
            answered = answered.learn(flow.answered / seconds, seconds)
            if flow.asked >= SHARE_LEAST_ASKED * seconds:
                lost = lesson.unanswered * seconds / flow.asked
                share = share.learn(lost, seconds, SHARE_MEMORY_S)
        silent = self.silent
        if lesson.silent is not None:
            silent = silent.learn(lesson.silent, seconds)
        return Learned(answered, self.season, share, silent)

    def enter(self, hour: int | None) -> "Learned":
        """Go on in an hour of week."""
        if hour == self.season.hour:
            return self
        return replace(self, season=self.season.enter(hour, self.answered.level))

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON takes it."""
        return {
            "answered": self.answered.as_json(),
            "unanswered_share": self.unanswered_share.as_json(),
            "silent": self.silent.as_json(),
            "season": list(self.season.levels),
        }

    @classmethod
    def from_json(cls, known: Mapping[str, Any]) -> "Learned":
        """Read it back; what cannot be read is not known."""
        levels = _numbers(known.get("season"), HOURS, least=-1.0)
        return cls(
            _baseline(known.get("answered")),
            Season(levels or ()),
            _baseline(known.get("unanswered_share")),
            _baseline(known.get("silent")),
        )


def _baseline(given: object) -> Baseline:
    numbers = _numbers(given, 3, least=0.0)
    return Baseline(*numbers) if numbers else Baseline()


def _numbers(given: object, count: int, least: float) -> tuple[float, ...] | None:
    """Return so many finite numbers, or None if it is anything else."""
    if not isinstance(given, list | tuple) or len(given) != count:
        return None
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in given):
        return None
    numbers = tuple(float(one) for one in given)
    return numbers if all(least <= one < 1e12 for one in numbers) else None
