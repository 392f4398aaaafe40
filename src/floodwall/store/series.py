"""The facts of one second of one service, as the series of an incident keeps them.

Rates are per second; a fact that was not sensed is left out, never 0.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from floodwall.core.model import SECOND_NS, Reading, Service
from floodwall.core.observation import Observation
from floodwall.core.signs import Signs, StackCounters
from floodwall.core.verdict import Verdict
from floodwall.store.moment import Moment

_COUNTED = ("syns", "passed", "challenged", "proven", "bad_acks", "completed")
_STACK = ("listen_overflows", "listen_drops", "request_queue_drops", "cookies_sent")


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What of an Observation a series needs."""

    at: Moment
    readings: Mapping[int, Reading] = field(default_factory=dict)
    dropped: int = 0
    signs: Signs = field(default_factory=Signs)
    counted: bool = True
    """False where no data plane counts: its zeros are no facts."""


def glimpse(at: Moment, seen: Observation) -> Glimpse:
    """Keep what a series needs: thousands of half-open entries are not kept."""
    return Glimpse(
        at,
        {reading.index: reading for reading in seen.readings or ()},
        sum(n for reason, n in seen.reasons.items() if reason.startswith("drop_")),
        seen.signs,
        seen.data_plane,
    )


def facts(
    now: Glimpse, before: Glimpse, service: Service | None, verdict: Verdict | None = None
) -> dict[str, float]:
    """Return the facts of the second between two glimpses; without a service, of the machine."""
    elapsed_s = max((now.at.ns - before.at.ns) / SECOND_NS, 0.001)
    found = dict(_of_readings(now, before, service, elapsed_s))
    found |= dict(_of_machine(now.signs, before.signs, elapsed_s))
    if now.counted:
        found["dropped"] = _rate(now.dropped, before.dropped, elapsed_s)
    if service is not None:
        found |= dict(_of_service(now.signs, service))
    if verdict is not None:
        found["confidence"] = round(verdict.confidence, 3)
        if verdict.spoof_index is not None:
            found["spoof_index"] = round(verdict.spoof_index.value, 4)
    return found


def _of_readings(
    now: Glimpse, before: Glimpse, service: Service | None, elapsed_s: float
) -> Iterator[tuple[str, float]]:
    indexes = [service.index] if service is not None else list(now.readings)
    pairs = [
        (now.readings[index], before.readings.get(index, now.readings[index]))
        for index in indexes
        if index in now.readings
    ]
    if not pairs:
        return
    for name in _COUNTED if now.counted else ():
        growth = sum(max(0, getattr(a, name) - getattr(b, name)) for a, b in pairs)
        yield name, round(growth / elapsed_s, 1)
    yield "pending", sum(reading.pending for reading, _ in pairs)


def _of_machine(now: Signs, before: Signs, elapsed_s: float) -> Iterator[tuple[str, float]]:
    if now.cpu is not None:
        yield "cpu_busy", round(now.cpu.busy, 3)
        yield "softirq", round(now.cpu.softirq, 3)
    if now.conntrack is not None:
        yield "conntrack_fill", round(now.conntrack.fill, 4)
    if now.stack is not None and before.stack is not None:
        for name in _STACK:
            yield name, _rate(_total(now.stack, name), _total(before.stack, name), elapsed_s)
    if now.links is not None and before.links is not None:
        earlier = {link.index: link.received_bytes for link in before.links}
        grown = sum(
            max(0, link.received_bytes - earlier.get(link.index, link.received_bytes))
            for link in now.links
        )
        yield "received_bit_s", round(grown * 8 / elapsed_s)


def _of_service(signs: Signs, service: Service) -> Iterator[tuple[str, float]]:
    queues = [queue for queue in signs.queues or () if queue.bound == service.bound]
    if queues:
        yield "half_open", sum(queue.half_open for queue in queues)
        yield "waiting", sum(queue.waiting for queue in queues)
        yield "accept_queue_fill", round(max(queue.fill for queue in queues), 3)
    for held in signs.connections or ():
        if held.index == service.index:
            yield "established", held.established
            yield "silent", held.silent
            yield "sources", held.sources
    canaries = [c for c in signs.canaries or () if c.endpoint.port == service.bound.port]
    if canaries:
        yield "canary_connected", min(canary.connected for canary in canaries)
        took = [canary.took_ms for canary in canaries if canary.took_ms is not None]
        if took:
            yield "canary_ms", round(max(took), 2)


def _total(counters: StackCounters, name: str) -> int:
    return int(getattr(counters, name))


def _rate(now: int, before: int, elapsed_s: float) -> float:
    return round(max(0, now - before) / elapsed_s, 1)
