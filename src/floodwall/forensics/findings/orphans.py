"""ACK floods: acknowledgements of connections that never were, each from another endpoint."""

import numpy as np

from floodwall.core.verdict import Evidence
from floodwall.forensics.finding import Finding, Kind, Requests, Spoofing
from floodwall.forensics.findings.common import (
    confidence_of,
    rate_of,
    sources_of,
    span_of,
    victims_of,
)
from floodwall.forensics.findings.flood import KEPT_S, QUEUE
from floodwall.forensics.view import Mask, View, busiest, groups

_BURST = 100  # different connections within a second, all of them unknown
_FEW = 2  # segments a connection: a real one, seen from its middle, goes on


def find(view: View, scans: Mask) -> list[Finding]:
    """Return the ACK floods, one for each victim address."""
    strange = (view.syns == 0) & (view.answers == 0) & (view.acks > 0) & (view.acks <= _FEW)
    strange &= (view.server_acks == 0) & (view.served == 0) & ~scans
    orphans = view.take(np.flatnonzero(strange))
    found: list[Finding] = []
    if not len(orphans):
        return found
    index, first = groups(orphans.server_hash)
    for one in range(len(first)):
        hit = orphans.take(np.flatnonzero(index == one))
        within = busiest(hit.first, KEPT_S) / hit.share
        burst = busiest(hit.first, 1.0) / hit.share
        known = np.count_nonzero((view.server_hash == hit.server_hash[0]) & ~strange)
        if (within < QUEUE and burst < _BURST) or known > len(hit):
            continue
        start, end = span_of(hit)
        refused = int(np.count_nonzero(hit.refusals))
        found.append(
            Finding(
                kind=Kind.ACK_FLOOD,
                confidence=confidence_of(max(within / QUEUE, burst / _BURST)),
                start=start,
                end=end,
                victims=victims_of(hit, hit.acks),
                requests=Requests(
                    round(hit.acks.sum() / hit.share), 0, "acknowledgements of no connection"
                ),
                rate=rate_of(np.repeat(hit.first, hit.acks)),
                sources=sources_of(hit, hit.acks),
                spoofing=Spoofing(None, "acknowledgements are not answered in a way that tells"),
                evidence=(
                    Evidence("unknown_within_63_s", within, QUEUE,
                             f"up to {within:,.0f} connections within 63 s that never began"),
                    Evidence("refused", refused, text=f"{refused:,} of them were refused"),
                ),
            )
        )  # fmt: skip
    return found
