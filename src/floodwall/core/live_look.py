"""How two observations and the memory of the core become what a screen shows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from floodwall.core.decision import Decision
from floodwall.core.incidents import WORDS
from floodwall.core.live import (
    INCIDENTS_MAX,
    SERVICES_MAX,
    CanaryTally,
    Live,
    LiveIncident,
    LiveMachine,
    LiveService,
)
from floodwall.core.model import SECOND_NS, Reading, Service
from floodwall.core.observation import Observation
from floodwall.core.signs import Canary, Queue, Signs
from floodwall.core.standing import rung_of
from floodwall.core.state import State
from floodwall.core.verdict import Kind, Verdict

COUNTED = ("syns", "passed", "challenged", "proven", "bad_acks", "completed")
_STACK = (
    "listen_overflows",
    "listen_drops",
    "request_queue_drops",
    "request_queue_cookies",
    "cookies_sent",
    "cookies_received",
    "retransmitted",
    "out_resets",
)
_SHORTEST_S = 0.05
_BITS = 8


@dataclass(frozen=True, slots=True)
class Look:
    """What a second is made from."""

    state: State
    seen: Observation
    before: Observation | None = None
    """The observation of the second before; without it there are no rates."""
    canaries: Mapping[int, tuple[Canary, ...]] = field(default_factory=dict)
    """Our own handshakes of the last minute by service, the last one last."""
    reasons: Mapping[int, Decision] = field(default_factory=dict)
    """The last decision that moved each service on the ladder."""

    @property
    def elapsed_s(self) -> float:
        """Return the seconds between the two observations; 0 where nothing can be said."""
        if self.before is None:
            return 0.0
        elapsed_s = (self.seen.now_ns - self.before.now_ns) / SECOND_NS
        return elapsed_s if elapsed_s >= _SHORTEST_S else 0.0


def describe(look: Look) -> Live:
    """Return what a screen shows."""
    state, seen = look.state, look.seen
    readings = {reading.index: reading for reading in seen.readings or ()}
    earlier = _earlier(look)
    told = [
        _service(look, service, readings.get(service.index), earlier.get(service.index))
        for service in state.table.services
    ]
    told.sort(key=_trouble, reverse=True)
    rest = told[SERVICES_MAX:]
    return Live(
        at_ns=seen.now_ns,
        wall_s=seen.wall_s,
        services=tuple(told[:SERVICES_MAX]),
        more_services=len(rest),
        rest={name: sum(each.rates.get(name, 0) for each in rest) for name in COUNTED if rest},
        rest_totals={
            name: sum(each.totals.get(name, 0) for each in rest) for name in COUNTED if rest
        },
        machine=_machine(look),
        incidents=tuple(_incidents(look))[:INCIDENTS_MAX],
        counted=seen.data_plane,
        blind={failure.sensor: failure.why for failure in seen.failures},
        losses=dict(seen.losses),
    )


def tally(canaries: tuple[Canary, ...]) -> CanaryTally | None:
    """Add up our own handshakes with one listener."""
    if not canaries:
        return None
    last = canaries[-1]
    took = sorted(each.took_ms for each in canaries if each.took_ms is not None)
    return CanaryTally(
        tried=len(canaries),
        failed=sum(not each.connected for each in canaries),
        connected=last.connected,
        took_ms=last.took_ms,
        why=last.why,
        median_ms=took[len(took) // 2] if took else None,
        worst_ms=took[-1] if took else None,
    )


def _service(
    look: Look, service: Service, reading: Reading | None, before: Reading | None
) -> LiveService:
    state, seen, index = look.state, look.seen, service.index
    verdict, armed_ns = state.verdicts.get(index), state.armed.get(index)
    counted = seen.data_plane and reading is not None
    queues = [each for each in seen.signs.queues or () if _is_of(each, service)]
    held = next((each for each in seen.signs.connections or () if each.index == index), None)
    reason = look.reasons.get(index)
    return LiveService(
        index=index,
        name=service.name,
        port=service.bound.port,
        mode=service.mode.value,
        mechanism=service.mechanism.value,
        kind=(verdict.kind if verdict else Kind.CALM).value,
        confidence=verdict.confidence if verdict else None,
        since_s=_since_s(verdict, seen.now_ns),
        evidence=verdict.evidence if verdict else (),
        spoof=verdict.spoof_index if verdict else None,
        advice=verdict.advice if verdict else "",
        rung=rung_of(state, service).value,
        reason=reason.text if reason else "",
        armed_for_s=None if armed_ns is None else (seen.now_ns - armed_ns) / SECOND_NS,
        rates=_growth(reading, before, look.elapsed_s) if counted else {},
        totals={name: getattr(reading, name) for name in COUNTED} if counted else {},
        pending=reading.pending if reading else None,
        high=state.limits[index].high if index in state.limits else None,
        capacity=service.capacity,
        half_open=sum(each.half_open for each in queues) if queues else None,
        waiting=sum(each.waiting for each in queues) if queues else None,
        backlog=sum(each.backlog for each in queues) if queues else None,
        established=held.established if held else None,
        silent=held.silent if held else None,
        sources=held.sources if held else None,
        canary=tally(look.canaries.get(index, ())),
    )


def _machine(look: Look) -> LiveMachine:
    signs, verdict = look.seen.signs, look.state.verdicts.get(None)
    received = _link_rate(look, "received_bytes")
    sent = _link_rate(look, "sent_bytes")
    speeds = [link.speed_bit_s for link in signs.links or ()]
    return LiveMachine(
        kind=(verdict.kind if verdict else Kind.CALM).value,
        confidence=verdict.confidence if verdict else None,
        since_s=_since_s(verdict, look.seen.now_ns),
        evidence=verdict.evidence if verdict else (),
        advice=verdict.advice if verdict else "",
        busy=signs.cpu.busy if signs.cpu else None,
        softirq=signs.cpu.softirq if signs.cpu else None,
        busiest_softirq=signs.cpu.busiest_softirq if signs.cpu else None,
        conntrack=signs.conntrack.fill if signs.conntrack else None,
        received_bit_s=None if received is None else received * _BITS,
        sent_bit_s=None if sent is None else sent * _BITS,
        received_packet_s=_link_rate(look, "received_packets"),
        link_bit_s=sum(filter(None, speeds)) if speeds and None not in speeds else None,
        stack=dict(_stack(look, signs)),
        reasons=_moving(look),
        reason_totals={name: count for name, count in look.seen.reasons.items() if count},
    )


def _incidents(look: Look) -> Iterator[LiveIncident]:
    now_ns = look.seen.now_ns
    for each in sorted(look.state.response.incidents.values(), key=lambda one: one.opened_ns):
        yield LiveIncident(
            service=each.name,
            kind=each.kind.value,
            words=WORDS[each.kind],
            lasted_s=(now_ns - each.opened_ns) / SECOND_NS,
            quiet_s=max(0, now_ns - each.last_ns) / SECOND_NS,
        )


def _earlier(look: Look) -> dict[int, Reading]:
    readings = look.before.readings if look.before else None
    return {reading.index: reading for reading in readings or ()}


def _is_of(queue: Queue, service: Service) -> bool:
    return queue.bound == service.bound and queue.device == service.device


def _since_s(verdict: Verdict | None, now_ns: int) -> float:
    return max(0, now_ns - verdict.since_ns) / SECOND_NS if verdict else 0.0


def _growth(now: Reading | None, before: Reading | None, elapsed_s: float) -> dict[str, float]:
    """Return rates; counters that were cleared since count as no growth."""
    if now is None or before is None or not elapsed_s:
        return {}
    return {
        name: round(max(0, getattr(now, name) - getattr(before, name)) / elapsed_s, 1)
        for name in COUNTED
    }


def _link_rate(look: Look, name: str) -> float | None:
    before = look.before.signs.links if look.before else None
    now = look.seen.signs.links
    if now is None or before is None or not look.elapsed_s:
        return None
    earlier = {link.index: getattr(link, name) for link in before}
    grown = sum(
        max(0, getattr(link, name) - earlier.get(link.index, getattr(link, name))) for link in now
    )
    return round(float(grown) / look.elapsed_s, 1)


def _stack(look: Look, signs: Signs) -> Iterator[tuple[str, float]]:
    before = look.before.signs.stack if look.before else None
    if signs.stack is None or before is None or not look.elapsed_s:
        return
    for name in _STACK:
        grown = max(0, getattr(signs.stack, name) - getattr(before, name))
        yield name, round(grown / look.elapsed_s, 1)


def _moving(look: Look) -> dict[str, float]:
    if look.before is None or not look.elapsed_s:
        return {}
    return {
        name: round((count - look.before.reasons.get(name, 0)) / look.elapsed_s, 1)
        for name, count in look.seen.reasons.items()
        if count > look.before.reasons.get(name, 0)
    }


def _trouble(service: LiveService) -> tuple[bool, bool, bool, float, int]:
    """Order by what an operator should see first."""
    shut_out = service.canary is not None and not service.canary.connected
    loud = service.kind != Kind.CALM.value
    rate = service.rates.get("syns", 0.0)
    return shut_out, loud, service.armed_for_s is not None, rate, -service.index
