"""Counters of services where nothing counts SYNs: from their queues and the counters of the stack.

Law: nothing is made up.  What is not seen is left out, so that a flood is rather too small here
than too large; what has no service that it could belong to is kept apart.

The kernel's own SYN cookies are challenges: a SYN-ACK that remembers nothing, and an ACK that
proves the source.  What is half open tells the rest: an entry younger than a second is a SYN of
this second that nobody has answered, one of age one to two is a SYN of the second before.

LIMIT: a SYN whose source answers with a reset, as a live host does whose address was forged, leaves
no trace.  It takes no place in a queue either.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from floodwall.core.classify.finding import Finding, ratio
from floodwall.core.classify.flood import MOSTLY
from floodwall.core.classify.flow import SHORTEST_S, Flow
from floodwall.core.classify.scene import Places
from floodwall.core.classify.unanswered import JUMP_MOST, strict_count
from floodwall.core.model import SECOND_NS, Ages, Endpoint, Reading, Service
from floodwall.core.observation import Observation
from floodwall.core.proportion import wilson
from floodwall.core.signs import StackCounters
from floodwall.core.verdict import Evidence, Kind

LOOSE_FLOWS = 3
"""Seconds of cookies of nobody's that are kept: enough to tell who did not answer within one."""

OVERFLOWING = 0.5
"""Share of a queue from which it may have been full a moment ago: we empty it ourselves."""


@dataclass(frozen=True, slots=True)
class Derived:
    """What was derived until now."""

    at_ns: int = 0
    stack: StackCounters | None = None
    """The stack's counters of the last observation; None is where all begins."""
    readings: Mapping[int, Reading] = field(default_factory=dict)
    young: Mapping[int, int] = field(default_factory=dict)
    """Entries of each service that were younger than a second."""
    owed: Mapping[int, int] = field(default_factory=dict)
    """Answers to SYNs that are counted already: no SYN count may fall, so they wait here."""
    overflowing: tuple[int, ...] = ()
    """Services whose queue was last found to be full: cookies are theirs."""
    loose: tuple[Flow, ...] = ()
    """Cookies that belong to none of them: those of no protected listener, or sent always."""


@dataclass(frozen=True, slots=True)
class _Grown:
    """What the counters of the stack grew by."""

    opened: int
    sent: int
    received: int
    failed: int
    dropped: int
    """SYNs that found a full queue and got no cookie."""


def derive(
    before: Derived,
    seen: Observation,
    services: tuple[Service, ...],
    waiting: Mapping[int, int] | None,
) -> Derived:
    """Add a second; without queues (`waiting`) or counters of the stack nothing can be said."""
    stack = seen.signs.stack
    if waiting is None or stack is None:
        return Derived()
    overflowing = tuple(
        service.index
        for service in services
        if waiting.get(service.index, 0) >= max(OVERFLOWING * service.capacity, 1)
    )
    ages = _ages(Places(services), seen.ages)
    young = {index: each.first for index, each in ages.items()}
    kept = {s.index: before.readings.get(s.index, Reading(s.index)) for s in services}
    grown = _grow(before.stack, stack)
    if grown is None:
        return Derived(seen.now_ns, stack, kept, young, overflowing=overflowing)
    present = frozenset(kept)
    # Answers to cookies come after the queue has room again.
    mine = overflowing or tuple(index for index in before.overflowing if index in present)
    if not mine and len(services) == 1:
        mine = (services[0].index,)
    opened = _shared(grown.opened, _openers(seen, services))
    cookies = _Cookies(grown, dict.fromkeys(mine, 1))
    owed: dict[int, int] = {}
    readings: dict[int, Reading] = {}
    for index, reading in kept.items():
        missing = ages.get(index, Ages()).second + young.get(index, 0) - before.young.get(index, 0)
        readings[index], owed[index] = cookies.add(
            replace(reading, pending=waiting.get(index, 0)),
            opened.get(index, 0),
            missing - before.owed.get(index, 0),
        )
    seconds = (seen.now_ns - before.at_ns) / SECOND_NS
    loose = (*before.loose[-(LOOSE_FLOWS - 1) :], cookies.loose(max(seconds, SHORTEST_S)))
    return Derived(seen.now_ns, stack, readings, young, owed, mine, loose)


class _Cookies:
    """The cookies of one second, and to whom they belong."""

    def __init__(self, grown: _Grown, weights: Mapping[int, int]) -> None:
        self._grown = grown
        self._sent = _shared(grown.sent, weights)
        self._received = _shared(grown.received, weights)
        self._failed = _shared(grown.failed, weights)
        self._dropped = _shared(grown.dropped, weights)

    def add(self, reading: Reading, opened: int, missing: int) -> tuple[Reading, int]:
        """Return a reading with this second in it, and the answers that are still owed to it."""
        index = reading.index
        sent, received = self._sent.get(index, 0), self._received.get(index, 0)
        # Who returned a cookie never was in the queue.
        passed = max(opened - received, 0) + missing + self._dropped.get(index, 0)
        asked = max(passed, 0) + sent
        return replace(
            reading,
            syns=reading.syns + asked,
            passed=reading.passed + max(passed, 0),
            challenged=reading.challenged + sent,
            proven=reading.proven + received,
            bad_acks=reading.bad_acks + self._failed.get(index, 0),
            completed=reading.completed + opened,
        ), max(-passed, 0)

    def loose(self, seconds: float) -> Flow:
        """Return the cookies of this second, if they belong to nobody."""
        if self._sent:
            return Flow(seconds)
        grown = self._grown
        return Flow(seconds, challenged=grown.sent + grown.dropped, proven=grown.received)


def _grow(before: StackCounters | None, now: StackCounters) -> _Grown | None:
    """Return the growth, or None if there is none to tell: at the start, or if they fell."""
    if before is None:
        return None
    drops = now.listen_drops - before.listen_drops
    overflows = now.listen_overflows - before.listen_overflows
    grown = _Grown(
        now.passive_opens - before.passive_opens,
        now.cookies_sent - before.cookies_sent,
        now.cookies_received - before.cookies_received,
        now.cookies_failed - before.cookies_failed,
        # A full accept queue drops, too: that is the application, not a flood.
        max(drops - overflows, 0),
    )
    fell = min(grown.opened, grown.sent, grown.received, grown.failed, drops, overflows) < 0
    return None if fell else grown


def find_loose_flood(flows: tuple[Flow, ...]) -> Finding | None:
    """Say whether cookies that no known queue explains find no answer."""
    if len(flows) < LOOSE_FLOWS:
        return None
    missing = strict_count(flows, full=True)
    asked = sum(flow.challenged for flow in flows[:-1])
    if missing <= JUMP_MOST or wilson(missing, asked).low < MOSTLY:
        return None
    text = f"{missing:,} of {asked:,} SYN cookies of the stack found no answer"
    return Finding(
        Kind.SPOOFED_FLOOD,
        ratio(missing, JUMP_MOST),
        (Evidence("unanswered_cookies", missing, JUMP_MOST, text),),
        advice="no protected queue is full: it may be a listener that is not protected, "
        "or net.ipv4.tcp_syncookies is 2",
        # Whose they are is not known.
        most=0.6,
    )


def _openers(seen: Observation, services: tuple[Service, ...]) -> dict[int, int]:
    """Weigh services by their new connections; those that ended within the second are unseen."""
    present = {service.index for service in services}
    held = seen.signs.connections or ()
    weights = {one.index: one.opened for one in held if one.index in present and one.opened > 0}
    return weights or dict.fromkeys(present, 1)


def _shared(count: int, weights: Mapping[int, int]) -> dict[int, int]:
    """Share a count out by weight, to the last one of it."""
    found: dict[int, int] = {}
    left, total = count, sum(weights.values())
    for index, weight in weights.items():
        found[index] = left * weight // total
        left, total = left - found[index], total - weight
    return found


def _ages(places: Places, ages: Mapping[Endpoint, Ages]) -> dict[int, Ages]:
    counts: dict[int, Ages] = {}
    for place, each in ages.items():
        index = places.find(place)
        if index is not None:
            known = counts.get(index, Ages())
            counts[index] = Ages(known.first + each.first, known.second + each.second)
    return counts
