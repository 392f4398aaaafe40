"""SYNs that nobody answered: how many for sure, and how far beyond the usual.

Counters do not tell which SYN an ACK belongs to.  At the end of any second some answers are still
on their way: the first moment of a crowd looks like a flood.  So there are three figures:

    missing  SYNs of this second minus answers of this second.  Summed up over seconds it is what
             was never answered, plus what is on its way now: clients whose round trip is below
             half a second have at most half as many on their way as have answered.
    late     SYNs of the second before minus answers of this one.
    strict   SYNs of one or two seconds minus answers of these and of the one after.  Whoever
             answers within a second is in it, so it is never too large.
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

ON_THE_WAY = 0.5
"""Answers that may be on their way for each that came: a round trip of half a second."""

DEVIATIONS = 8.0
"""And they must exceed so many standard deviations of what chance brings in one second."""


def missing_rate(flow: Flow, *, full: bool) -> float:
    """Return SYNs minus answers a second.

    Where the accept queue is full, handshakes cannot end: only answers to challenges count.
    """
    asked, answered = _counts(flow, full=full)
    return (asked - answered) / flow.seconds


def late_rate(flow: Flow, before: Flow, *, full: bool) -> float:
    """Return the SYNs of the second before minus the answers of this one, a second."""
    return _counts(before, full=full)[0] / before.seconds - (
        _counts(flow, full=full)[1] / flow.seconds
    )


def strict_count(flows: tuple[Flow, ...], *, full: bool) -> int:
    """Return how many SYNs of the one or two seconds before this one were not answered."""
    answered = _counts(flows[-1], full=full)[1]
    most = 0
    asked = 0
    for flow in flows[-2:-4:-1]:
        counts = _counts(flow, full=full)
        asked, answered = asked + counts[0], answered + counts[1]
        most = max(most, asked - answered)
    return most


def _counts(flow: Flow, *, full: bool) -> tuple[int, int]:
    return (flow.challenged, flow.proven) if full else (flow.asked, flow.answered)


@dataclass(frozen=True, slots=True)
class Sums:
    """What was unanswered beyond the usual."""

    jump: Cusum = field(default_factory=Cusum)
    slow: Cusum = field(default_factory=Cusum)
    jump_limit: float = JUMP_MOST
    """The jump above which it is beyond chance."""
    over: int = 0
    """Seconds, without a break, in which one of the sums was above its limit."""

    def add(
        self,
        flow: Flow,
        missing: float,
        usual_share: float,
        marks: tuple[int, int],
        lifetime_s: float,
    ) -> "Sums":
        """Add a second; `missing` a second as above, `marks` the limits low and high."""
        low, high = marks
        usual = usual_share * flow.asked
        deviation = sqrt(usual * (1 - usual_share))
        limit = max(min(max(low, JUMP_LEAST), JUMP_MOST), DEVIATIONS * deviation)
        # Half of what would ever fill the queue up to `high` is no matter.
        excess = (missing - high / lifetime_s / 2) * flow.seconds - usual
        on_the_way = ON_THE_WAY * flow.answered
        slow_limit = max(high, JUMP_MOST) + on_the_way
        jump = self.jump.add(excess - deviation, 2 * (limit + on_the_way), fades=True)
        slow = self.slow.add(excess, 1.25 * slow_limit)
        is_over = jump.total > limit + on_the_way or slow.total > slow_limit
        return Sums(jump, slow, limit, self.over + 1 if is_over else 0)
