"""ACK floods: segments of connections that do not exist, at a guarded service or at the stack."""

from floodwall.core.classify.finding import Finding, ratio
from floodwall.core.classify.view import View
from floodwall.core.verdict import Evidence, Kind

LEAST_PER_S = 200.0
"""Fewer cost nothing: a lookup or a reset each."""

TIMES = 4.0
"""Stray segments that a completed connection may leave behind, when it is reset or sent again."""

BACKSCATTER_TIMES = 2.0
"""A live host whose address was forged answers our SYN-ACK with a reset: one for each, twice."""


def find_ack_flood(view: View) -> Finding | None:
    """Say whether a guarded service gets more ACKs of no connection than SYNs could explain."""
    rate = view.flow.bad_acks / view.flow.seconds
    unanswered = max(view.flow.challenged - view.flow.proven, 0) / view.flow.seconds
    limit = max(LEAST_PER_S, TIMES * view.answered, BACKSCATTER_TIMES * unanswered)
    if rate <= limit:
        return None
    return Finding(
        Kind.ACK_FLOOD,
        ratio(rate, limit),
        (
            Evidence(
                "bad_acks_per_s",
                rate,
                limit,
                f"{rate:,.0f} segments a second belong to no connection and carry no valid cookie",
            ),
        ),
        view.spoof_index,
    )


def find_reset_storm(
    resets: float, usual: float, answered: float, calm_acks: float
) -> Finding | None:
    """Say whether the stack resets so much that ACKs of no connection must be flooding it.

    All are rates per second; `resets` without those of SYNs to closed ports.  Services that are
    calm look up no ACK: the stack's resets are all that shows.
    """
    limit = max(LEAST_PER_S, TIMES * usual, TIMES * answered)
    if resets <= limit or calm_acks < resets:
        return None
    return Finding(
        Kind.ACK_FLOOD,
        ratio(resets, limit),
        (
            Evidence(
                "resets_sent_per_s",
                resets,
                limit,
                f"the stack sends {resets:,.0f} resets a second (OutRsts), usual are at most "
                f"{usual:,.0f}: segments come for connections that do not exist",
            ),
        ),
        # An application that aborts its connections resets them too.
        most=0.8,
    )
