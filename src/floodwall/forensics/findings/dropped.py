"""SYN floods that the kernel told of: `TCP: drop open request from`.

The kernel prints it when more than three quarters of a listener's queue are requests of peers that
never proved themselves (net/ipv4/tcp_input.c), which is what RFC 4987 calls a SYN flood.
"""

from collections import Counter

import numpy as np

from floodwall.core.verdict import Evidence
from floodwall.forensics import rates
from floodwall.forensics.evidence import Sign
from floodwall.forensics.finding import Finding, Kind, Requests, Spoofing, Victim
from floodwall.forensics.findings.common import confidence_of
from floodwall.forensics.group import group_of
from floodwall.forensics.partial import Partial, Suppressed

_UNKNOWN = np.zeros((1, 3), np.uint64)
_ENOUGH = 10  # the burst that net_ratelimit lets through, so that one full queue alone is none
LONGEST_UPTIME_S = 1e9  # 31 years; a date is beyond it since 2001
_NO_PROOF = (
    "a log shows no replies: whether the sources are real is unknown",
    "the kernel drops requests only of peers that it has no proof of",
)


def find(partial: Partial) -> list[Finding]:
    """Return the flood that kernel messages tell of, if they do."""
    group = group_of(partial, _UNKNOWN)
    observed = group.observed + partial.masked
    if not observed:
        return []
    hidden = [item for item in partial.suppressed if item.network]
    suppressed = sum(item.count for item in hidden) + partial.suppressed_folded
    if observed + suppressed < _ENOUGH:
        return []
    seconds, counts = group.times()
    seconds = np.concatenate([seconds, np.array(partial.masked_times)])
    counts = np.concatenate([counts, np.ones(len(partial.masked_times), np.int64)])
    rate = rates.with_suppressed(seconds, counts, hidden)
    if not suppressed:
        rate = rates.by_second(np.floor(seconds), counts)
    start, end = _span(seconds, hidden)
    reason = _reason(partial, suppressed)
    return [
        Finding(
            kind=Kind.SYN_FLOOD,
            confidence=confidence_of((observed + suppressed) / _ENOUGH),
            start=start,
            end=end,
            victims=_victims(partial),
            requests=Requests(observed, suppressed, reason),
            rate=rate,
            sources=group.sources(_naive(partial)),
            spoofing=Spoofing(None, "no replies are visible in a log", _indirect(partial)),
            evidence=(
                Evidence("open_requests_dropped", observed, text="lines `drop open request`"),
                Evidence("messages_suppressed", suppressed, text="messages not printed"),
            ),
            source_ports=group.source_ports(),
            notes=_notes(partial),
            relative=partial.relative and (end or 0.0) < LONGEST_UPTIME_S,
        )
    ]


def _naive(partial: Partial) -> Counter[tuple[int, int]]:
    """Return what the naive reading credits, by address."""
    rows = partial.naive.rows()
    addresses = ((int(high), int(low)) for high, low in rows.keys.tolist())
    return Counter(dict(zip(addresses, rows.counts.tolist(), strict=True)))


def _span(
    seconds: np.typing.NDArray[np.float64], hidden: list[Suppressed]
) -> tuple[float | None, float | None]:
    times = np.concatenate([seconds, np.array([item.at for item in hidden])])
    times = times[~np.isnan(times)]
    return (float(times.min()), float(times.max())) if len(times) else (None, None)


def _victims(partial: Partial) -> tuple[Victim, ...]:
    """The line names no victim; a warning about a port does."""
    ports = {mark.port for mark in partial.marks if mark.sign is Sign.POSSIBLE_FLOOD and mark.port}
    return tuple(Victim(None, port) for port in sorted(ports)) or (Victim(None, 0),)


def _reason(partial: Partial, suppressed: int) -> str:
    if not suppressed:
        return "each request is a line"
    others = sum(count for name, count in partial.marks_total.items() if name in _LIMITED)
    if others:
        return (
            "suppressed is a total over all rate-limited network messages, and others than "
            f"dropped requests were seen ({others}): requests are between observed and total"
        )
    return (
        "suppressed is a total over all rate-limited network messages and all sources; no other "
        "such message was seen, so all count as requests, and none is credited to an address"
    )


_LIMITED = {Sign.ORPHANS, Sign.SOCKET_MEMORY, Sign.ROUTE_CACHE, Sign.NEIGHBOURS, Sign.TIME_WAIT}


def _indirect(partial: Partial) -> tuple[str, ...]:
    cached = partial.marks_total.get(Sign.ROUTE_CACHE, 0)
    if cached:
        return (*_NO_PROOF, f"the route cache overflowed {cached} times, as forged sources do")
    return _NO_PROOF


def _notes(partial: Partial) -> tuple[str, ...]:
    if partial.masked:
        return (f"{partial.masked} requests have a source that somebody made unreadable",)
    return ()
