"""What one service went through between two observations: growth of the data plane's counters."""

from dataclasses import dataclass, field

from floodwall.core.model import Reading

SHORTEST_S = 0.2
"""Observations that follow sooner are added to the next: a reload ticks out of turn."""

FLOWS = 10
"""Flows that are remembered: enough for a trickle, and for clients that answer late."""


@dataclass(frozen=True, slots=True)
class Flow:
    """Counts of one interval."""

    seconds: float
    syns: int = 0
    passed: int = 0
    challenged: int = 0
    proven: int = 0
    bad_acks: int = 0
    completed: int = 0

    asked: int = field(init=False)
    """SYNs that the stack or a challenge was to answer."""
    answered: int = field(init=False)
    """Handshakes that somebody completed.

    Whoever returns a cookie is completed by the stack right after; where its accept queue is full,
    only the cookie tells that the client answered.
    """

    def __post_init__(self) -> None:
        object.__setattr__(self, "asked", self.passed + self.challenged)
        object.__setattr__(self, "answered", max(self.proven, self.completed))


def flow_between(before: Reading, now: Reading, seconds: float) -> Flow | None:
    """Return the growth, or None if the counters have begun anew."""
    flow = Flow(
        seconds,
        now.syns - before.syns,
        now.passed - before.passed,
        now.challenged - before.challenged,
        now.proven - before.proven,
        now.bad_acks - before.bad_acks,
        now.completed - before.completed,
    )
    if min(flow.syns, flow.passed, flow.challenged, flow.proven, flow.completed) < 0:
        return None
    return flow


def since_calm(flows: tuple[Flow, ...], calm_s: float) -> tuple[Flow, ...]:
    """Return the last flows that lie whole within the last `calm_s` seconds."""
    covered = 0.0
    for count, flow in enumerate(reversed(flows)):
        covered += flow.seconds
        if covered > calm_s:
            return flows[len(flows) - count :]
    return flows
