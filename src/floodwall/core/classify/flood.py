"""SYN floods whose sources never answer: SYNs in numbers that threaten the queue, and no ACKs."""

from collections.abc import Iterator

from floodwall.core.classify.finding import Finding, ratio
from floodwall.core.classify.view import View
from floodwall.core.proportion import odds, wilson
from floodwall.core.verdict import Evidence, Interval, Kind

ROUND_TRIP_S = 0.5
"""Longer than the round trip of most clients: who is challenged so long ago has answered."""

MOSTLY = 0.5
"""Share of unanswered SYNs that one or two seconds must show by themselves."""

FIRST_UNANSWERED = 8
"""Unanswered SYNs of a second that say that the flood of the next has begun in it."""

PERSISTS = 2
"""Seconds for which a sum must stay too large: what is on its way arrives in the second one."""

RETRIES = 5
"""SYNs that a client without an answer sends within a minute: 0, 1, 3, 7, 15... s."""


def find_flood(view: View) -> Finding | None:
    """Say whether SYNs come whose sources never answer, more than the queue can bear."""
    index = view.spoof_index
    if not (
        _is_certain(view)
        or _has_changed(view)
        or _is_young(view)
        or _has_just_armed(view)
        or _is_stuck(view)
    ):
        return None
    would_fill = max(_rate(view) * view.lifetime_s, float(view.stale or 0))
    share = _share(view, index)
    usual = view.usual.unanswered_share
    times = min(ratio(would_fill, view.high), ratio(odds(share), odds(usual)))
    lost = _is_explained_by_loss(view)
    return Finding(
        Kind.SPOOFED_FLOOD,
        # At least one: that a border was passed is what the conditions above say.
        max(times, 1.0),
        _evidence(view, index, would_fill, lost=lost),
        index,
        most=0.5 if lost else 0.99,
    )


def _is_certain(view: View) -> bool:
    """More SYNs of the seconds before are certainly unanswered than can be by chance."""
    return view.strict > view.sums.jump_limit and _holds(view)


def _has_changed(view: View) -> bool:
    """A sum of what is beyond the usual stays too large, and this second adds to it."""
    return view.sums.over >= PERSISTS and view.missing > view.threat / 2 and _holds(view)


def _is_young(view: View) -> bool:
    """Two seconds of which the second has a majority of unanswered SYNs, and the first some."""
    before = view.before
    if before is None or view.full or view.unanswered < FIRST_UNANSWERED:
        return False
    if before.asked - before.answered < FIRST_UNANSWERED:
        return False
    missing = view.flow.asked - view.flow.answered
    return missing > view.sums.jump_limit and wilson(missing, view.flow.asked).low >= MOSTLY


def _holds(view: View) -> bool:
    """What passed to the stack and is not half-open there was sent again, and answered at last."""
    passed = view.armed_s is None and not view.flow.challenged
    if not passed or view.waiting is None:
        return True
    return view.waiting >= min(view.sums.jump_limit, view.high)


def _has_just_armed(view: View) -> bool:
    """Armed within this second, but so long ago that who was challenged then has answered."""
    flow = view.flow
    if view.armed_s is None or not ROUND_TRIP_S <= view.armed_s <= flow.seconds:
        return False
    missing = flow.challenged - flow.proven
    return missing > view.sums.jump_limit and wilson(missing, flow.challenged).low >= MOSTLY


def _is_stuck(view: View) -> bool:
    """The queue is full of half-open connections that wait for more than a second.

    That is what a flood leaves that began before us, or that comes by another interface.  Where
    SYNs are seen, their usual share of such is to be expected.
    """
    if view.stale is None or view.full or view.stale < view.high:
        return False
    # What is derived is told apart by now: the flood's own SYNs make nothing usual.
    seen = view.flow.asked if view.counted else view.flow.answered
    asked = seen / view.flow.seconds
    return view.stale > asked * view.usual.unanswered_share * view.lifetime_s


def _rate(view: View) -> float:
    """Unanswered SYNs a second; in the first seconds of a flood the less certain figure."""
    return max(view.unanswered, view.missing, 0.0)


def _share(view: View, index: Interval | None) -> float:
    """Share of SYNs that found no answer, rather too small; a guess in the very first second."""
    asked = view.flow.asked / view.flow.seconds
    sure = min(view.unanswered / asked, 0.99) if asked > 0 else 0.0
    share = max(sure, index.low if index is not None else 0.0)
    if share > 0:
        return share
    return min(_rate(view) / asked, 0.99) if asked > 0 else 0.5


def _is_explained_by_loss(view: View) -> bool:
    """As many clients are missing as would send these SYNs: our answers may not reach them."""
    missing = view.usual.answered_level - view.answered
    if view.usual.answered is None or missing < view.usual.answered_level / 2:
        return False
    return _rate(view) <= RETRIES * missing


def _evidence(
    view: View, index: Interval | None, would_fill: float, *, lost: bool
) -> tuple[Evidence, ...]:
    rate = _rate(view)
    before = view.before or view.flow
    # What was unanswered may have come in the second before.
    asked = max(view.flow.asked / view.flow.seconds, before.asked / before.seconds)
    usual = view.usual.unanswered_share * asked
    found = [
        Evidence(
            "unanswered_syns_per_s",
            rate,
            usual + view.threat,
            f"{rate:,.0f} of {asked:,.0f} SYN/s found no answer, usual are at most {usual:,.0f}",
        ),
        Evidence(
            "would_be_half_open",
            would_fill,
            float(view.high),
            f"passed to the stack they would be {would_fill:,.0f} half-open connections "
            f"of {view.service.capacity:,} that the queue takes",
        ),
    ]
    return (*found, *_context(view, index, lost=lost))


def _context(view: View, index: Interval | None, *, lost: bool) -> Iterator[Evidence]:
    """Yield what else speaks for it, or against it."""
    if index is not None:
        text = (
            f"{index.value:.1%} of challenged sources never answered "
            f"(95 %: {index.low:.1%} to {index.high:.1%})"
        )
        yield Evidence("spoof_index", index.value, MOSTLY, text)
    if view.stale:
        text = f"{view.stale:,} half-open connections are older than a second"
        yield Evidence("stale_half_open", view.stale, float(view.high), text)
    if view.hinted:
        yield Evidence("kernel_log", 1.0, None, "the kernel's log says SYN flooding")
    if lost:
        yield Evidence(
            "answered_per_s",
            view.answered,
            view.usual.answered_level,
            "fewer clients than usual complete a handshake: this may also be a broken way "
            "from us to them, whose SYNs come again and again",
        )
