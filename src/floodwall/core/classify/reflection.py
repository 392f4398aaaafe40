"""Reflection: SYNs forged from one victim to many of our ports, so that our SYN-ACKs hit it.

What shows is that sources that owe handshakes (few of them: a debt is one source's) keep asking
at several calm services at once and never answer a challenge.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from floodwall.core.address import Address
from floodwall.core.classify.finding import Finding, ratio
from floodwall.core.classify.flow import Flow
from floodwall.core.model import HalfOpen
from floodwall.core.proportion import odds, unanswered_share
from floodwall.core.verdict import Evidence, Kind

SERVICES_LEAST = 3
"""Services at once: a trickle has one aim, and two ports often belong to one site (80, 443)."""

LEAST = 20
"""Unanswered challenges in the window: beyond what one source owes (debt.source_max is 16)."""

PER_SERVICE = 2
"""And at each of these services."""

MOSTLY = 0.9
"""Share that must be unanswered: nobody but the victim is asked."""

ENTRIES_MOST = 4096
"""Half-open connections that are searched for the victim."""


@dataclass(frozen=True, slots=True)
class Reflected:
    """Challenges of calm services over the window."""

    services: frozenset[int]
    asked: int
    asked_lately: int
    answered: int
    seconds: float


def add_up(flows: Mapping[int, tuple[Flow, ...]]) -> Reflected:
    """Add up the challenges of services; `flows` are those since each is calm."""
    touched: set[int] = set()
    asked = lately = answered = 0
    seconds = 0.0
    for index, past in flows.items():
        challenged = sum([flow.challenged for flow in past])
        if not challenged:
            continue
        proven = sum(flow.proven for flow in past)
        asked += challenged
        answered += proven
        lately += past[-1].challenged
        seconds = max(seconds, sum(flow.seconds for flow in past))
        if challenged - proven >= PER_SERVICE:
            touched.add(index)
    return Reflected(frozenset(touched), asked, lately, answered, seconds)


def find_reflection(
    seen: Reflected, closed_port_syns: int, half_open: Iterable[HalfOpen]
) -> Finding | None:
    """Say whether somebody uses us to hit a third party with SYN-ACKs.

    `closed_port_syns` came in the same window: a scanner finds many of them, a reflector has
    chosen ports that answer.
    """
    # A round trip takes less than half a second: of the last one's, half are old enough.
    on_the_way = seen.asked_lately // 2
    share = unanswered_share(seen.asked, on_the_way, seen.answered)
    missing = seen.asked - on_the_way - seen.answered
    if share is None or share.low < MOSTLY or missing < LEAST:
        return None
    if len(seen.services) < SERVICES_LEAST or closed_port_syns > seen.asked:
        return None
    rate = seen.asked / max(seen.seconds, 1.0)
    return Finding(
        Kind.REFLECTION,
        min(ratio(missing, LEAST), ratio(odds(share.low), odds(MOSTLY))),
        (
            Evidence(
                "reflected_per_s",
                rate,
                None,
                f"{rate:,.0f} SYNs a second from sources that owe handshakes reach "
                f"{len(seen.services)} services, and {share.value:.0%} are never answered",
            ),
            *_victim(half_open),
        ),
        share,
        advice="each such SYN gets one SYN-ACK and no retransmission; the source that is named is "
        "the victim, not the sender: do not report or ban it",
        # A client of many ports whose answers are filtered on its way to us looks the same.
        most=0.9,
    )


def _victim(half_open: Iterable[HalfOpen]) -> tuple[Evidence, ...]:
    """Name the source with half-open connections at most ports, if it has several."""
    ports: dict[Address, set[int]] = {}
    for _, entry in zip(range(ENTRIES_MOST), half_open, strict=False):
        if not entry.proven:
            ports.setdefault(entry.remote.address, set()).add(entry.local.port)
    if not ports:
        return ()
    address = max(ports, key=lambda one: len(ports[one]))
    count = len(ports[address])
    if count < SERVICES_LEAST:
        return ()
    return (
        Evidence(
            "victim_ports",
            count,
            SERVICES_LEAST,
            f"{address} seems to be the victim: it is half-open at {count} of our ports",
        ),
    )
