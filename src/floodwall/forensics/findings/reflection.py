"""SYN-ACKs that nobody asked for: reflection onto one victim, or backscatter of a flood elsewhere.

A server that gets a forged SYN answers the address in it.  Many servers answering one address is
reflection: that address is the victim.  One server answering many addresses is backscatter: that
server is being flooded by somebody who forges those addresses.
"""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from floodwall.core.verdict import Evidence
from floodwall.forensics.evidence import address_of
from floodwall.forensics.finding import Finding, Kind, Requests, Sources, Spoofing, Victim
from floodwall.forensics.findings.common import (
    confidence_of,
    rate_of,
    sources_of,
    span_of,
    victims_of,
)
from floodwall.forensics.view import Mask, View, groups

_SERVERS = 5  # that answer one address
_VICTIMS = 16  # addresses that one server answers; or ports of one address
_ANSWERS = 64  # SYN-ACKs below which it may be chance
_OPEN = 0.5  # share of doors that answered: scans meet shut ones, reflection picks open ones


def find(view: View, scans: Mask) -> list[Finding]:
    """Return reflection and backscatter; a server that says more than SYN-ACK was asked."""
    alone = (view.syns == 0) & (view.answers > 0) & (view.acks == 0) & (view.server_acks == 0)
    unasked = view.take(np.flatnonzero(alone))
    found = _through_us(view, scans)
    if not len(unasked):
        return found
    onto, _ = groups(unasked.client_hash)
    reflected = _enough(onto, unasked.server_hash, unasked.answers, _SERVERS)
    found += [_onto(unasked.take(np.flatnonzero(onto == one))) for one in reflected]
    rest = ~np.isin(onto, reflected)
    left = unasked.take(np.flatnonzero(rest))
    if len(left):
        by, _ = groups(left.server_hash)
        ends = left.client_hash ^ left.client[:, 2]
        scattered = _enough(by, ends, left.answers, _VICTIMS)
        found += [_scattered(left.take(np.flatnonzero(by == one))) for one in scattered]
    return found


def _enough(
    group: NDArray[np.intp], others: NDArray[np.uint64], answers: NDArray[np.int64], needed: int
) -> list[int]:
    """Return the groups with enough answers and enough different others."""
    totals = np.bincount(group, answers)
    _, first = groups(others ^ (group.astype(np.uint64) << np.uint64(40)))
    different = np.bincount(group[first], minlength=len(totals))
    chosen = np.flatnonzero((totals >= _ANSWERS) & (different >= needed))
    return [int(one) for one in chosen]


def _onto(hit: View) -> Finding:
    start, end = span_of(hit)
    victim = Victim(address_of(*hit.client[0, :2].tolist()), 0)
    _, servers = groups(hit.server_hash)
    total = int(hit.answers.sum())
    repeated = float(np.mean(hit.answers > 1))
    return Finding(
        kind=Kind.SYNACK_REFLECTION,
        confidence=confidence_of(max(len(servers) / _SERVERS, total / _ANSWERS)),
        start=start,
        end=end,
        victims=(victim,),
        requests=Requests(total, 0, "SYN-ACKs that no SYN was seen for"),
        rate=rate_of(np.repeat(hit.first, hit.answers)),
        sources=_servers(hit),
        spoofing=Spoofing(None, "the victim's address was forged; the servers are real"),
        evidence=(
            Evidence("servers", len(servers), _SERVERS,
                     f"{len(servers):,} servers answered an address that asked none of them"),
            Evidence("repeated", repeated,
                     text=f"{repeated:.0%} of them repeated the answer, in vain"),
        ),
    )  # fmt: skip


def _servers(hit: View) -> Sources:
    """Return the servers as sources, by what they sent."""
    turned = View(hit.flows, 1 - hit.client_way, hit.share)
    return sources_of(turned, hit.answers)


def _scattered(hit: View) -> Finding:
    start, end = span_of(hit)
    _, ends = groups(hit.client_hash)
    total = int(hit.answers.sum())
    return Finding(
        kind=Kind.BACKSCATTER,
        confidence=confidence_of(len(ends) / _VICTIMS),
        start=start,
        end=end,
        victims=victims_of(hit, hit.answers),
        requests=Requests(total, 0, "SYN-ACKs that no SYN was seen for"),
        rate=rate_of(np.repeat(hit.first, hit.answers)),
        sources=replace(_servers(hit), reason="the flooded server, not its attacker"),
        spoofing=Spoofing(None, "the addresses that are answered here were forged elsewhere"),
        evidence=(
            Evidence("answered", len(hit), _VICTIMS,
                     f"one server answered {len(hit):,} endpoints that did not ask"),
        ),
    )  # fmt: skip


def _through_us(view: View, scans: Mask) -> list[Finding]:
    """SYNs of one address to many doors that do answer, none completed: we are the mirrors."""
    rows = np.flatnonzero(scans & (view.syns > 0))
    asked = view.take(rows)
    if not len(asked):
        return []
    client, first = groups(asked.client_hash)
    count = len(first)
    opened = np.bincount(client, asked.answers > 0, count) / np.bincount(client, minlength=count)
    done = np.bincount(client, asked.completed, count)
    answers = np.bincount(client, asked.answers, count)
    mirrored = np.flatnonzero((opened >= _OPEN) & (done == 0) & (answers >= _ANSWERS))
    found = []
    for one in mirrored.tolist():
        hit = asked.take(np.flatnonzero(client == one))
        share = float(opened[one])
        found.append(
            replace(
                _onto(hit),
                evidence=(
                    Evidence("open_doors", share, _OPEN,
                             f"{share:.0%} of the doors that this address asked did answer it"),
                    Evidence("completed", 0, text="not one handshake was completed"),
                ),
                requests=Requests(int(hit.answers.sum()), 0, "SYN-ACKs sent to the address"),
            )
        )  # fmt: skip
    return found
