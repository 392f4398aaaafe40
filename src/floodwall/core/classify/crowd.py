"""Flash crowds: many more clients than usual, and they complete their handshakes."""

from floodwall.core.classify.finding import Finding, ratio
from floodwall.core.classify.view import View
from floodwall.core.verdict import Evidence, Kind

TIMES = 4.0
"""Times the usual from which it is a crowd: above the swing of a day, below the lab's tenfold."""

LEAST_PER_S = 20.0
"""Fewer handshakes a second are nobody's crowd."""


def find_crowd(view: View) -> Finding | None:
    """Say whether far more clients than usual complete their handshakes."""
    before, usual = view.before, view.usual.answered
    if before is None or usual is None:
        return None
    # Two seconds together: one burst, like that of a scheduled job, is no crowd yet.
    seconds = view.flow.seconds + before.seconds
    rate = (view.flow.answered + before.answered) / seconds
    limit = max(TIMES * usual, LEAST_PER_S)
    if rate < limit:
        return None
    spoof = view.spoof_index
    return Finding(
        Kind.FLASH_CROWD,
        ratio(rate, limit),
        (
            Evidence(
                "answered_per_s",
                rate,
                limit,
                f"{rate:,.0f} handshakes a second are completed, usual are at most {usual:,.0f}",
            ),
        ),
        spoof,
        advice="these are clients that answer: more capacity helps, challenges and bans do not",
    )
