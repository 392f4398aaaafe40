"""When what happens in one run, in ns from its start."""

from dataclasses import dataclass
from typing import Self

from floodwall.lab.scenario import Scenario

_SETTLE_NS = 1_000_000_000  # connections and caches warm up; nobody is judged
_QUIET_NS = 4_000_000_000
_AFTERMATH_NS = 1_000_000_000
_SECOND_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Timeline:
    """Settle, quiet, attack, aftermath; clients come all the time until `stop_ns`."""

    quiet_ns: int
    attack_ns: int
    judged_ns: int
    calm_ns: int
    stop_ns: int

    @classmethod
    def plan(cls, scenario: Scenario, seconds: float | None, *, full: bool) -> Self:
        """Plan a scenario; `seconds` replaces the length of its attack."""
        length = seconds or (full and scenario.full_seconds) or scenario.seconds
        attack = _SETTLE_NS + _QUIET_NS
        calm = attack + round(length * _SECOND_NS)
        judged = attack
        if scenario.judged_s is not None:
            judged = max(attack, calm - round(scenario.judged_s * _SECOND_NS))
        return cls(_SETTLE_NS, attack, judged, calm, calm + _AFTERMATH_NS)

    def at(self, base_ns: int) -> Self:
        """Return the same timeline in monotonic time, begun at `base_ns`."""
        marks = (self.quiet_ns, self.attack_ns, self.judged_ns, self.calm_ns, self.stop_ns)
        return type(self)(*(base_ns + mark for mark in marks))

    @property
    def seconds(self) -> float:
        """Length of the attack."""
        return (self.calm_ns - self.attack_ns) / _SECOND_NS
