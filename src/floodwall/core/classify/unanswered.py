"""SYNs that nobody answered: how many for sure, and how far beyond the usual.

Counters do not tell which SYN an ACK belongs to.  In any second some answers are still on their
way, and the first second of a crowd looks like a flood.  So bounds are taken:

    now     SYNs of this second minus answers of this second      wrong when a crowd begins
    late    SYNs of the second before minus answers of this one   wrong when a crowd ends
    strict  SYNs of the second before minus answers of both       never wrong, but blind to what
                                                                  is less than the clients

A flood shows in the smaller of the first two from its second second on, a crowd in at most one of
them.  A pulse of a second shows in the last one.
"""

from dataclasses import dataclass
from math import sqrt

from floodwall.core.change import Cusum
from floodwall.core.classify.flow import Flow

USUAL_LEAST = 0.05
"""Share of SYNs that may go unanswered in any case: clients of mobile networks lose 3 %."""

USUAL_COLD = 0.1
"""The same before anything was learned: three times that."""

USUAL_MOST = 0.25
"""And at most, whatever was learned: a flood that grows for weeks is not learned as usual."""

JUMP_LEAST, JUMP_MOST = 16, 64
"""Unanswered SYNs beyond the usual that make a jump, at least and at most; `low` in between.

The least is what one source may owe (debt.source_max): one client's bad luck is no flood.
The most lets 64 a second be seen in a second, whatever the queue takes.
"""

DEVIATIONS = 8.0
"""And they must exceed so many standard deviations of what chance brings in one second."""


def unanswered_rate(flow: Flow, before: Flow | None, *, full: bool) -> float:
    """Return the SYNs a second that certainly found no answer.

    Where the accept queue is full, handshakes cannot end: only answers to challenges count.
    """
    if before is None:
        return 0.0
    asked = flow.challenged if full else flow.asked
    asked_before = before.challenged if full else before.asked
    answered = (flow.proven if full else flow.answered) / flow.seconds
    answered_before = (before.proven if full else before.answered) / before.seconds
    late = asked_before / before.seconds - answered
    return max(0.0, min(asked / flow.seconds - answered, late), late - answered_before)


def jump_limit(flow: Flow, low: int, usual_share: float) -> float:
    """Return the sum above which a jump is beyond chance."""
    least = min(max(low, JUMP_LEAST), JUMP_MOST)
    return max(least, DEVIATIONS * _deviation(flow, usual_share))


def slow_limit(high: int) -> float:
    """Return the sum above which a ramp has come too far: what arms, were it all in the queue."""
    return max(high, JUMP_MOST)


@dataclass(frozen=True, slots=True)
class Bounds:
    """What the data plane's limits of a service mean for the sums."""

    low: int
    high: int
    lifetime_s: float

    @property
    def let_go(self) -> float:
        """SYNs a second that are no matter: half of what would ever fill the queue to `high`."""
        return self.high / self.lifetime_s / 2


def add_jump(before: Cusum, flow: Flow, rate: float, usual_share: float, bounds: Bounds) -> Cusum:
    """Add a second to the sum that finds jumps."""
    usual = usual_share * flow.asked + _deviation(flow, usual_share)
    excess = (rate - bounds.let_go) * flow.seconds - usual
    if excess <= 0 and before.total <= 0:
        return before
    return before.add(excess, 2 * jump_limit(flow, bounds.low, usual_share), fades=True)


def add_slow(before: Cusum, flow: Flow, rate: float, usual_share: float, bounds: Bounds) -> Cusum:
    """Add a second to the sum that finds ramps: it forgets nothing but what is usual."""
    excess = (rate - bounds.let_go) * flow.seconds - usual_share * flow.asked
    return before.add(excess, 1.25 * slow_limit(bounds.high))


def _deviation(flow: Flow, usual_share: float) -> float:
    """Standard deviation of unanswered SYNs in one interval, if each fails by itself."""
    return sqrt(flow.asked * usual_share * (1 - usual_share))
