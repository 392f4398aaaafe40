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

from dataclasses import dataclass, field
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


def slow_limit(high: int) -> float:
    """Return the sum above which a ramp has come too far: what arms, were it all in the queue."""
    return max(high, JUMP_MOST)


@dataclass(frozen=True, slots=True)
class Sums:
    """What was unanswered beyond the usual."""

    jump: Cusum = field(default_factory=Cusum)
    slow: Cusum = field(default_factory=Cusum)
    jump_limit: float = JUMP_MOST
    """The jump above which it is beyond chance."""

    def add(
        self, flow: Flow, rate: float, usual_share: float, marks: tuple[int, int], lifetime_s: float
    ) -> "Sums":
        """Add a second with this rate of unanswered SYNs; `marks` are the limits low and high."""
        low, high = marks
        usual = usual_share * flow.asked
        deviation = sqrt(usual * (1 - usual_share))
        limit = max(min(max(low, JUMP_LEAST), JUMP_MOST), DEVIATIONS * deviation)
        # Half of what would ever fill the queue up to `high` is no matter.
        excess = (rate - high / lifetime_s / 2) * flow.seconds - usual
        return Sums(
            self.jump.add(excess - deviation, 2 * limit, fades=True),
            self.slow.add(excess, 1.25 * slow_limit(high)),
            limit,
        )
