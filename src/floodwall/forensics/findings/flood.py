"""SYN floods: requests that nobody means to finish, more than a listener's queue can hold.

RFC 4987 section 2: a request is kept until the last retransmission of its SYN-ACK has been given
up, 63 s with five of them.  A queue of 128, the smallest usual one, is full when 128 unfinished
requests come within that time.  A capture of a second or less is judged by its rate instead.
"""

import numpy as np
from numpy.typing import NDArray

from floodwall.core.verdict import Evidence
from floodwall.forensics import rates
from floodwall.forensics.finding import Finding, Kind, Requests
from floodwall.forensics.findings.common import (
    confidence_of,
    handshakes_of,
    sources_of,
    span_of,
    spoofing_of,
    victims_of,
)
from floodwall.forensics.group import group_of
from floodwall.forensics.partial import Partial
from floodwall.forensics.view import Mask, View, busiest, groups

KEPT_S = 63.0
QUEUE = 128
_BURST = 30  # unfinished in one second: 1,890 within the time that a request is kept
_REFUSED = 0.3  # a refused request takes no place in a queue, but costs a reset: 100 in a second
_SPREAD_BURST = 100  # in one second
_SPREAD_SHARE = 0.8  # of them to one port
_MANY_SOURCES = 8  # of a flood over a network; one client with many dead peers is none
_PATIENT = 0.5  # share of unfinished flows that back off like stacks: somebody waits, nobody floods
_FINISHED = 0.5  # share of completed flows above which a service does its work


def find(partial: Partial, view: View, scans: Mask) -> list[Finding]:
    """Return the floods, one for each victim address, or network where they are spread."""
    rows = np.flatnonzero((view.syns > 0) & ~scans & (view.server[:, :2] != 0).any(axis=1))
    if not len(rows):
        return []
    asked = view.take(rows)
    found, left = _each(partial, asked, asked.server_hash)
    rest = asked.take(left)
    found += _spread(partial, rest) if len(rest) else []
    return found


def _spread(partial: Partial, rest: View) -> list[Finding]:
    """Return floods that are spread over a network, so that no address of it has many.

    Scanners of the whole Internet come to every network too: of different ports, and slower.
    """
    index, _ = groups(rest.network_hash)
    ports = rest.server[:, 2].astype(np.intp)
    focused = np.zeros(len(rest), np.bool_)
    for one in np.flatnonzero(np.bincount(index) >= _SPREAD_BURST * rest.share).tolist():
        rows = np.flatnonzero(index == one)
        favourite = np.bincount(ports[rows]).argmax()
        same = rows[ports[rows] == favourite]
        quick = busiest(rest.first_syn[same], 1.0) / rest.share >= _SPREAD_BURST
        if quick and len(same) >= _SPREAD_SHARE * len(rows):
            focused[same] = True
    chosen = rest.take(np.flatnonzero(focused))
    if not len(chosen):
        return []
    found, _ = _each(partial, chosen, chosen.network_hash, sources=_MANY_SOURCES)
    return found


def _each(
    partial: Partial, asked: View, key: NDArray[np.uint64], sources: int = 1
) -> tuple[list[Finding], NDArray[np.intp]]:
    """Judge the flows of each key apart; return the floods, and the rows of none."""
    found = []
    index, _ = groups(key)
    sizes = np.bincount(index, asked.syns)
    flooded = np.zeros(len(sizes), np.bool_)
    for one in np.argsort(-sizes, kind="stable").tolist():
        if sizes[one] < _BURST * min(1.0, asked.share):
            break
        part = asked.take(np.flatnonzero(index == one))
        if len(np.unique(part.client_hash)) < sources:
            continue
        finding = _judge(partial, part)
        if finding is not None:
            found.append(finding)
            flooded[one] = True
    return found, np.flatnonzero(~flooded[index])


def _judge(partial: Partial, asked: View) -> Finding | None:
    """Return the flood against these flows' servers, if it is one."""
    flooded = np.zeros(len(asked), np.bool_)
    service, _ = groups(asked.service_hash)
    pending = _pending(asked)
    within, burst = _pressure(asked, pending)
    if not _is_flood(asked, within, burst):
        return None
    for one in range(int(service.max()) + 1):
        part = service == one
        unfinished = pending[part].sum()
        if unfinished >= (1 - _FINISHED) * asked.syns[part].sum():
            flooded |= part
    hit = asked.take(np.flatnonzero(flooded))
    if not len(hit):
        return None
    within, burst = _pressure(hit, _pending(hit))
    return _finding(partial, hit, within, burst) if _is_flood(hit, within, burst) else None


def _pending(asked: View) -> NDArray[np.int64]:
    """Return the unfinished requests of each flow: one, and each repeat no stack would make."""
    return np.where(asked.unfinished, 1 + asked.excess, 0)


def _pressure(asked: View, pending: NDArray[np.int64]) -> tuple[float, float]:
    """Return the most unfinished requests within the time one is kept, and within a second."""
    rows = np.flatnonzero(pending > 0)
    if not len(rows):
        return 0.0, 0.0
    span = np.maximum(np.nan_to_num(asked.last_syn - asked.first_syn)[rows], 1e-9)
    weights = pending[rows].astype(np.float64)
    times = asked.first_syn[rows]
    refused = (asked.refusals[rows] > 0) & (asked.answers[rows] == 0)
    kept = 1 + (weights - 1) * np.minimum(1.0, KEPT_S / span)
    long = busiest(times, KEPT_S, np.where(refused, 0.0, kept))
    quick = 1 + (weights - 1) * np.minimum(1.0, 1.0 / span)
    short = busiest(times, 1.0, np.where(refused, quick * _REFUSED, quick))
    return long / asked.share, short / asked.share


def _is_flood(asked: View, within: float, burst: float) -> bool:
    if within < QUEUE and burst < _BURST:
        return False
    unfinished = asked.unfinished
    patient = np.count_nonzero(asked.backs_off & unfinished)
    return bool(patient <= _PATIENT * np.count_nonzero(unfinished))


def _finding(partial: Partial, hit: View, within: float, burst: float) -> Finding:
    services = np.unique(hit.server, axis=0)
    group = group_of(partial, services)
    seconds, counts = group.times()
    start, end = group.span()
    if start is None:
        start, end = span_of(hit)
    sources = group.sources() if len(group.victims) else sources_of(hit, hit.syns)
    strength = max(within / QUEUE, burst / _BURST)
    return Finding(
        kind=Kind.SYN_FLOOD,
        confidence=confidence_of(strength),
        start=start,
        end=end,
        victims=victims_of(hit, hit.syns),
        requests=Requests(group.observed, 0, _counted(partial)),
        rate=rates.by_second(seconds, counts),
        sources=sources,
        spoofing=spoofing_of(hit),
        evidence=(
            Evidence("unfinished_within_63_s", within, QUEUE,
                     f"up to {within:,.0f} unfinished requests within the 63 s that one is kept"),
            Evidence("unfinished_within_1_s", burst, _BURST,
                     f"up to {burst:,.0f} unfinished requests within one second"),
        ),
        fingerprints=group.fingerprints(),
        source_ports=group.source_ports(),
        ttls=group.ttls(),
        handshakes=handshakes_of(hit),
        notes=_notes(hit),
    )  # fmt: skip


def _counted(partial: Partial) -> str:
    if partial.victims.error:
        return "SYNs; some victims had to be forgotten: at least so many"
    return "SYNs, counted one by one"


def _notes(hit: View) -> tuple[str, ...]:
    repeated = hit.excess.sum()
    if repeated > 0.5 * hit.syns.sum():
        return ("most requests repeat the same addresses and ports faster than any stack does",)
    return ()
