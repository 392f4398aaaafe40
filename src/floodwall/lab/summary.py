"""From what single clients saw to what a row says."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

from floodwall.lab.connections import ConnectReport
from floodwall.lab.flood import FloodReport
from floodwall.lab.load import REPLY_WITHIN_S, Attempt, ClientReport, LongLived, Outcome
from floodwall.lab.meter import LineReading
from floodwall.lab.result import Attack, Established, Service

_MOSTLY_FLOOD = 1.1  # packets received for one of the flood's: more are not only its own
_GOOD = frozenset({Outcome.SERVED})
_NEVER_NS = REPLY_WITHIN_S * 1e9  # who never connected waited at least as long


def service(reports: Iterable[ClientReport], start_ns: int, stop_ns: int) -> Service:
    """Summarise the attempts that began between two monotonic times.

    Percentiles are over all attempts; options are over those that connected.
    """
    chosen = [
        (report.timestamps, attempt)
        for report in reports
        for attempt in report.attempts
        if start_ns <= attempt.start_ns < stop_ns
    ]
    connected = [attempt for _, attempt in chosen if attempt.connect_ns is not None]
    plain = [one for stamps, one in chosen if not stamps and one.connect_ns is not None]
    waits = sorted((one.connect_ns or _NEVER_NS) / 1e6 for _, one in chosen)
    return Service(
        attempted=len(chosen),
        succeeded=sum(attempt.outcome is Outcome.SERVED for _, attempt in chosen),
        failures=dict(Counter(one.outcome.value for _, one in chosen if one.outcome not in _GOOD)),
        connect_p50_ms=percentile(waits, 0.50),
        connect_p99_ms=percentile(waits, 0.99),
        without_retransmit=_share(connected, lambda one: not one.retransmits, len(chosen)),
        window_scale_kept=_share(connected, lambda one: one.window_scale),
        sack_kept=_share(connected, lambda one: one.sack),
        window_scale_kept_without_timestamps=_share(plain, lambda one: one.window_scale),
        sack_kept_without_timestamps=_share(plain, lambda one: one.sack),
    )


def established(sessions: Sequence[LongLived]) -> Established:
    """Summarise the long-lived connections."""
    return Established(
        connections=len(sessions),
        resets=sum(one.resets for one in sessions),
        stalls=sum(one.stalls for one in sessions),
        worst_silence_ms=max((one.worst_ns for one in sessions), default=0) / 1e6,
        retransmits=sum(one.retransmits for one in sessions),
    )


def attack(
    floods: Sequence[FloodReport],
    connects: Sequence[ConnectReport],
    line: LineReading,
    seconds: float,
) -> Attack:
    """Summarise what was sent in `seconds` and what the server did about it.

    An attacker with a real address offers connections, and is answered if it gets one.
    """
    offered = sum(flood.sent for flood in floods) + sum(one.tried for one in connects)
    answered = line.answers.syn_acks + sum(one.opened for one in connects)
    pure = line.received <= _MOSTLY_FLOOD * offered  # else the clients' packets cost more
    cpu_s = line.cpu_ns / 1e9 if pure else 0.0
    return Attack(
        engine="+".join(sorted({flood.engine for flood in floods} | _connected(connects))),
        offered=offered,
        received=line.received,
        answered=answered,
        resets=line.answers.resets,
        offered_pps=offered / seconds,
        received_pps=line.received / seconds,
        answered_pps=answered / seconds,
        cpu_s_per_million=cpu_s / line.received * 1e6 if cpu_s else None,
        cpu_s_per_million_answered=cpu_s / answered * 1e6 if cpu_s and answered else None,
    )


def _connected(connects: Sequence[ConnectReport]) -> set[str]:
    return {"connect"} if connects else set()


def percentile(ordered: Sequence[float], share: float) -> float | None:
    """Return the nearest-rank percentile of sorted values, None of nothing."""
    if not ordered:
        return None
    rank = max(1, -int(-share * len(ordered) // 1))
    return ordered[min(rank, len(ordered)) - 1]


def back_ns(reports: Iterable[ClientReport]) -> int | None:
    """Return the monotonic time from which every client that came was served, None if never."""
    attempts = sorted(
        (attempt for report in reports for attempt in report.attempts),
        key=lambda attempt: attempt.start_ns,
    )
    failed = [number for number, one in enumerate(attempts) if one.outcome is not Outcome.SERVED]
    first = failed[-1] + 1 if failed else 0
    return attempts[first].start_ns if first < len(attempts) else None


def _share(
    attempts: Sequence[Attempt], holds: Callable[[Attempt], bool], whole: int | None = None
) -> float | None:
    total = len(attempts) if whole is None else whole
    return sum(holds(attempt) for attempt in attempts) / total if total else None
