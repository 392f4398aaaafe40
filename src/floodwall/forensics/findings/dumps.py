"""What dumps of sockets tell: half-open requests that fill a queue, and full accept queues."""

from collections import defaultdict

import numpy as np

from floodwall.core.verdict import Evidence
from floodwall.forensics.evidence import ListenQueue, SocketSnapshot, address_of, pick
from floodwall.forensics.finding import (
    Finding,
    Handshakes,
    Hint,
    Kind,
    Rate,
    Requests,
    Sources,
    Spoofing,
    Victim,
)
from floodwall.forensics.findings.common import confidence_of
from floodwall.forensics.findings.flood import QUEUE
from floodwall.forensics.group import group_of
from floodwall.forensics.partial import Partial

_LEAST = 30  # half-open requests; below it a queue of any size is no evidence
_FULL = 0.5  # share of the queue
_BEHIND = (
    "requests in SYN_RECV behind a full accept queue are no flood: the queue is full because the "
    "application does not accept; raise its backlog or speed it up"
)
_NO_RATE = Rate(None, None, None, reason="a dump is one moment")


def find(partial: Partial) -> list[Finding]:
    """Return floods and slow applications that dumps show."""
    busy: dict[int, list[tuple[SocketSnapshot, int]]] = defaultdict(list)
    full: dict[int, ListenQueue] = {}
    for snapshot in partial.sockets:
        backlogs = {item.port: item for item in snapshot.listeners}
        for item in snapshot.listeners:
            if item.backlog and item.waiting > item.backlog:
                full[item.port] = item
        counts = np.bincount(snapshot.half_open["port"])
        for port in np.flatnonzero(counts >= _LEAST).tolist():
            known = backlogs.get(port)
            queue = known.backlog if known and known.backlog else QUEUE
            if counts[port] >= _FULL * queue:
                busy[port].append((snapshot, int(counts[port])))
    found = [_slow(item) for item in full.values()]
    return found + [_flood(port, seen) for port, seen in busy.items() if port not in full]


def _slow(item: ListenQueue) -> Finding:
    return Finding(
        kind=Kind.SLOW_APPLICATION,
        confidence=confidence_of(item.waiting / item.backlog),
        start=None,
        end=None,
        victims=(Victim(None, item.port),),
        requests=Requests(item.waiting, 0, "finished connections that nobody accepted"),
        rate=_NO_RATE,
        sources=Sources(0, reason="they wait in the accept queue"),
        spoofing=Spoofing(None, "their handshakes are finished: they are real"),
        evidence=(
            Evidence("accept_queue", item.waiting, item.backlog,
                     f"{item.waiting} connections wait in an accept queue of {item.backlog}"),
        ),
        notes=(_BEHIND,),
    )  # fmt: skip


def _flood(port: int, seen: list[tuple[SocketSnapshot, int]]) -> Finding:
    collected = Partial()
    for snapshot, _ in seen:
        rows = snapshot.half_open
        collected.add(pick(rows, np.flatnonzero(rows["port"] == port)))
    group = group_of(collected)
    most = max(count for _, count in seen)
    different = len(group.endpoints)
    victims = {address_of(int(high), int(low)) for high, low in group.pairs.keys[:, :2].tolist()}
    return Finding(
        kind=Kind.SYN_FLOOD,
        confidence=confidence_of(most / (_FULL * QUEUE)),
        start=None,
        end=None,
        victims=tuple(Victim(address, port) for address in sorted(victims, key=str)),
        requests=Requests(different, 0, "different endpoints in SYN_RECV, over all dumps"),
        rate=_NO_RATE,
        sources=group.sources(),
        spoofing=Spoofing(None, "a dump shows no replies: requests in SYN_RECV are unanswered yet"),
        evidence=(
            Evidence("half_open", most, _FULL * QUEUE,
                     f"{most:,} requests were half-open at one moment"),
        ),
        source_ports=group.source_ports(),
        handshakes=Handshakes(different, different, 0, group.observed - different, 0.0),
    )  # fmt: skip


def hints(partial: Partial) -> list[Hint]:
    """Return what counters tell, as their growth where there are two looks."""
    first: dict[str, int] = {}
    last: dict[str, int] = {}
    looks = 0
    for snapshot in partial.counters:
        looks += 1
        for name, value in snapshot.values:
            first.setdefault(name, value)
            last[name] = value
    grown = {name: last[name] - first[name] for name in last if last[name] > first[name]}
    shown = grown if looks > 1 and grown else {name: n for name, n in last.items() if n}
    since = "since the first look" if looks > 1 and grown else "since the machine began, or so"
    found = [
        Hint(f"counter_{name}", count, f"counted {since}; by itself no flood")
        for name, count in sorted(shown.items())
    ]
    sent, back = shown.get("SyncookiesSent", 0), shown.get("SyncookiesRecv", 0)
    if sent:
        text = (
            f"of {sent:,} cookies that were sent {back:,} came back ({min(1.0, back / sent):.1%})"
        )
        found.append(Hint("cookies_answered", back, text))
    return found
