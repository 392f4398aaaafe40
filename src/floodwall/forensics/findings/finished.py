"""What completed handshakes tell: connection floods, flash crowds and slow applications."""

import numpy as np
from numpy.typing import NDArray

from floodwall.core.verdict import Evidence
from floodwall.forensics.finding import Finding, Kind, Requests
from floodwall.forensics.findings.common import (
    confidence_of,
    handshakes_of,
    rate_of,
    sources_of,
    span_of,
    spoofing_of,
    victims_of,
)
from floodwall.forensics.findings.flood import KEPT_S, QUEUE
from floodwall.forensics.view import View, busiest, groups

_SILENT = 0.8  # share of connections that never said anything
_WAITED_S = 5.0  # a capture must go on this long for silence to mean something
_LATE = 0.5  # share of connections whose SYN-ACK came again after their acknowledgement
_LATE_LEAST = 10
_CROWD_SOURCES = 20
_CROWD_BURST = 100
_CROWD_JUMP = 3.0  # times the mean


def find(view: View) -> list[Finding]:
    """Return what services with many completed handshakes go through, one for each service."""
    done = view.take(np.flatnonzero(view.completed))
    found: list[Finding] = []
    if not len(done):
        return found
    index, _ = groups(done.service_hash)
    sizes = np.bincount(index)
    end = float(np.nanmax(view.last, initial=-np.inf))
    for one in np.flatnonzero(sizes >= _LATE_LEAST * view.share).tolist():
        hit = done.take(np.flatnonzero(index == one))
        finding = _silent(hit, end) or _slow(hit) or _crowd(hit)
        if finding is not None:
            found.append(finding)
    return found


def _silent(hit: View, end: float) -> Finding | None:
    within = busiest(hit.first, KEPT_S) / hit.share
    if within < QUEUE:
        return None
    waited = end - hit.first >= _WAITED_S
    if np.count_nonzero(waited) < QUEUE * hit.share:
        return None
    quiet = float(np.mean((hit.data[waited] == 0) & (hit.served[waited] == 0)))
    if quiet < _SILENT:
        return None
    return _finding(
        Kind.CONNECTION_FLOOD,
        hit,
        confidence_of(within / QUEUE),
        Evidence("silent", quiet, _SILENT, f"{quiet:.0%} of the connections never said a byte"),
        Evidence("connections_within_63_s", within, QUEUE,
                 f"up to {within:,.0f} connections within 63 s"),
    )  # fmt: skip


def _slow(hit: View) -> Finding | None:
    late = float(np.mean(hit.answered_after_ack))
    if late < _LATE or np.count_nonzero(hit.answers > 0) < _LATE_LEAST:
        return None
    return _finding(
        Kind.SLOW_APPLICATION,
        hit,
        confidence_of(late / _LATE),
        Evidence("answered_again", late, _LATE,
                 f"{late:.0%} of the clients that had finished were sent the SYN-ACK again: the "
                 "accept queue was full"),
    )  # fmt: skip


def _crowd(hit: View) -> Finding | None:
    _, clients = groups(hit.client_hash)
    burst = busiest(hit.first, 1.0) / hit.share
    if len(clients) < _CROWD_SOURCES or burst < _CROWD_BURST:
        return None
    start, end = span_of(hit)
    mean = len(hit) / hit.share / max(1.0, (end or 0.0) - (start or 0.0))
    if burst < _CROWD_JUMP * mean:
        return None
    return _finding(
        Kind.FLASH_CROWD,
        hit,
        confidence_of(burst / _CROWD_BURST),
        Evidence("burst", burst, _CROWD_BURST, f"up to {burst:,.0f} new connections in a second"),
        Evidence("clients", len(clients), _CROWD_SOURCES,
                 f"{len(clients):,} clients, and they finish their handshakes"),
    )  # fmt: skip


def _finding(kind: Kind, hit: View, confidence: float, *evidence: Evidence) -> Finding:
    start, end = span_of(hit)
    weights: NDArray[np.int64] = np.maximum(1, hit.syns)
    return Finding(
        kind=kind,
        confidence=confidence,
        start=start,
        end=end,
        victims=victims_of(hit, weights),
        requests=Requests(round(weights.sum() / hit.share), 0, "SYNs of completed handshakes"),
        rate=rate_of(hit.first),
        sources=sources_of(hit, weights),
        spoofing=spoofing_of(hit),
        evidence=evidence,
        handshakes=handshakes_of(hit),
    )
