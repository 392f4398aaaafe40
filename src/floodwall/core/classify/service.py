"""One service: what is remembered of it, and how a second becomes a verdict."""

from dataclasses import dataclass, field, replace

from floodwall.core.arming import is_armed
from floodwall.core.classify.acks import find_ack_flood
from floodwall.core.classify.connection import find_connection_flood, find_real_flood
from floodwall.core.classify.crowd import find_crowd
from floodwall.core.classify.finding import Finding
from floodwall.core.classify.flood import find_flood
from floodwall.core.classify.flow import FLOWS, Flow, flow_between, since_calm
from floodwall.core.classify.learned import Learned, Lesson
from floodwall.core.classify.scene import Scene
from floodwall.core.classify.slow import find_slow_application
from floodwall.core.classify.standing import Standing
from floodwall.core.classify.unanswered import (
    USUAL_MOST,
    Sums,
    late_rate,
    missing_rate,
    strict_count,
)
from floodwall.core.classify.view import Usual, View, spoof_index
from floodwall.core.commands import Limits
from floodwall.core.model import SECOND_NS, Endpoint, Reading, Service
from floodwall.core.verdict import Evidence, Kind

GAP_S = 5.0
"""After a longer gap the flows before it say nothing of the one after it."""

FLOODS = (Kind.SPOOFED_FLOOD, Kind.MIXED_FLOOD, Kind.ACK_FLOOD)
"""Kinds during which SYNs without answer need no more proof."""

LEARNS_EVERY = 4
"""Of so many seconds one is learned from, once the first minute is over: that is enough."""

LEARNED_FROM = (Kind.CALM, Kind.FLASH_CROWD)
"""A crowd that stays is the new usual; an attack never is."""


@dataclass(frozen=True, slots=True)
class ServiceMemory:
    """What is known of one service between two observations."""

    bound: Endpoint
    device: int
    """Which listeners it is: an index may be given to others."""
    reading: Reading | None = None
    at_ns: int = 0
    """When the reading was taken."""
    flows: tuple[Flow, ...] = ()
    learned: Learned = field(default_factory=Learned)
    sums: Sums = field(default_factory=Sums)
    full_ticks: int = 0
    standing: Standing = field(default_factory=Standing)
    lesson: Lesson | None = None
    """This second, to be learned from if the next one is usual, too."""

    @property
    def name(self) -> str:
        """How a service is known again under another index, and after a restart."""
        return service_name(self.bound, self.device)

    def is_of(self, service: Service) -> bool:
        """Tell whether this is the memory of these listeners."""
        return self.bound == service.bound and self.device == service.device


def service_name(bound: Endpoint, device: int) -> str:
    """Name listeners for the store, like `0.0.0.0:80%0`."""
    return f"{bound}%{device}"


def advance(memory: ServiceMemory, reading: Reading, now_ns: int) -> ServiceMemory:
    """Take in the counters of this second."""
    flow = None
    seconds = (now_ns - memory.at_ns) / SECOND_NS
    if memory.reading is not None:
        flow = flow_between(memory.reading, reading, seconds)
    past = memory.flows if seconds < GAP_S else ()
    return ServiceMemory(
        bound=memory.bound,
        device=memory.device,
        reading=reading,
        at_ns=now_ns,
        flows=() if flow is None else (*past[-(FLOWS - 1) :], flow),
        learned=memory.learned,
        sums=memory.sums,
        full_ticks=memory.full_ticks,
        standing=memory.standing,
        lesson=memory.lesson,
    )


def calm_flows(
    memory: ServiceMemory, service: Service, limits: Limits, now_ns: int
) -> tuple[Flow, ...]:
    """Return the flows since a service is calm: challenges in them are those of debtors."""
    if memory.reading is None or is_armed(service, limits, memory.reading, now_ns):
        return ()
    armed_until_ns = max(memory.reading.armed_until_ns, limits.forced_until_ns)
    return since_calm(memory.flows, (now_ns - armed_until_ns) / SECOND_NS)


def look(memory: ServiceMemory, service: Service, limits: Limits, scene: Scene) -> View:
    """Put together what the rules see, with this second in the sums."""
    index = service.index
    accept = scene.queues.get(index) if scene.queues else None
    flow = memory.flows[-1] if memory.flows else Flow(1.0)
    full = _is_full(flow, scene) if accept is None else accept.is_full
    armed_s = _armed_s(service, limits, memory.reading, scene.now_ns)
    usual = _usual(memory, armed=armed_s is not None)
    missing = unanswered = 0.0
    strict, sums = 0, memory.sums
    if len(memory.flows) > 1:
        missing = missing_rate(flow, full=full)
        strict = strict_count(memory.flows, full=full)
        late = late_rate(flow, memory.flows[-2], full=full)
        unanswered = max(0.0, min(missing, late), strict / len(memory.flows[-3:-1]))
        marks = (limits.low, limits.high)
        sums = sums.add(flow, missing, usual.unanswered_share, marks, scene.lifetime_s)
    return View(
        service=service,
        high=limits.high,
        low=limits.low,
        lifetime_s=scene.lifetime_s,
        flow=flow,
        flows=memory.flows or (flow,),
        usual=usual,
        spoof_index=spoof_index(memory.flows),
        armed_s=armed_s,
        missing=missing,
        unanswered=unanswered,
        strict=strict,
        sums=sums,
        accept=accept,
        full=full,
        full_ticks=memory.full_ticks + 1 if full else 0,
        overflows=scene.overflows if full else 0,
        stale=None if scene.stale is None else scene.stale.get(index, 0),
        waiting=None if scene.waiting is None else scene.waiting.get(index, 0),
        connections=scene.connections.get(index),
        canary=scene.canaries.get(index),
        hinted=bool(scene.hinted) and service.bound.port in scene.hinted,
        somaxconn=scene.somaxconn,
        counted=scene.counted,
    )


def remember(
    memory: ServiceMemory, view: View, found: Finding | None, scene: Scene
) -> ServiceMemory:
    """Keep the sums and what is said, and learn what is usual from seconds that are."""
    learned = memory.learned.enter(scene.hour)
    kind = Kind.CALM if found is None else found.kind
    lesson = None
    # Neither while an attack is still held against the service: its end is not the usual.
    if kind in LEARNED_FROM and memory.standing.kind in LEARNED_FROM:
        # The last second before an attack is found is part of it.
        learned = learned if memory.lesson is None else learned.learn(memory.lesson)
        if (
            not learned.is_old
            or not (scene.now_ns // SECOND_NS + view.service.index) % LEARNS_EVERY
        ):
            lesson = _lesson(memory, view)
    return ServiceMemory(
        bound=memory.bound,
        device=memory.device,
        reading=memory.reading,
        at_ns=memory.at_ns,
        flows=memory.flows,
        learned=learned,
        sums=view.sums,
        full_ticks=view.full_ticks,
        standing=memory.standing.settle(found, scene.now_ns),
        lesson=lesson,
    )


def find(view: View, *, reflecting: bool) -> Finding | None:
    """Ask the rules, the gravest first."""
    flood = find_flood(view)
    acks = find_ack_flood(view)
    real = find_connection_flood(view) or find_real_flood(view)
    if acks is not None and (flood is None or _is_mostly_acks(view)):
        return _with(acks, flood)
    if flood is not None and real is not None:
        return _mixed(flood, real)
    if flood is not None:
        # Calm services that a reflector uses are not what it aims at.
        reflected = reflecting and view.armed_s is None
        return replace(flood, kind=Kind.REFLECTION) if reflected else flood
    return real or find_slow_application(view) or find_crowd(view)


def _lesson(memory: ServiceMemory, view: View) -> Lesson:
    silent = None if view.connections is None else view.connections.silent
    traffic = len(memory.flows) > 1 and not view.full
    return Lesson(view.flow, view.unanswered if traffic else None, silent)


def _usual(memory: ServiceMemory, *, armed: bool) -> Usual:
    """What to compare with: while armed nothing tells a SYN that is sent again from another.

    Before a flood is found, armed services are therefore granted what a bad network may lose.
    """
    usual = memory.learned.usual()
    if not armed or memory.standing.kind in FLOODS:
        return usual
    return replace(usual, unanswered_share=max(usual.unanswered_share, USUAL_MOST))


def _armed_s(
    service: Service, limits: Limits, reading: Reading | None, now_ns: int
) -> float | None:
    if not is_armed(service, limits, reading, now_ns):
        return None
    if reading is None or not reading.armed_at_ns or now_ns >= reading.armed_until_ns:
        # Always challenged, or because the daemon said so: how long is not known.
        return 0.0
    return (now_ns - reading.armed_at_ns) / SECOND_NS


def _is_full(flow: Flow, scene: Scene) -> bool:
    """Guess, where the accept queue itself cannot be seen."""
    return scene.overflows > 0 and flow.passed + flow.proven > flow.completed


def _is_mostly_acks(view: View) -> bool:
    unanswered_syns = max(view.flow.asked - view.flow.answered, 0)
    return view.flow.bad_acks > 2 * unanswered_syns


def _with(acks: Finding, flood: Finding | None) -> Finding:
    if flood is None:
        return acks
    return replace(acks, evidence=acks.evidence + flood.evidence, spoof_index=flood.spoof_index)


def _mixed(flood: Finding, real: Finding) -> Finding:
    return Finding(
        Kind.MIXED_FLOOD,
        min(flood.times, real.times),
        flood.evidence + real.evidence,
        flood.spoof_index,
        real.advice,
        min(flood.most, real.most),
    )


def canary_evidence(view: View) -> tuple[Evidence, ...]:
    """Tell how our own handshake with the service went."""
    canary = view.canary
    if canary is None:
        return ()
    if canary.connected:
        took = canary.took_ms or 0.0
        return (Evidence("canary_ms", took, None, f"our own handshake took {took:.2g} ms"),)
    why = f": {canary.why}" if canary.why else ""
    return (Evidence("canary_failed", 1.0, 0.0, f"our own handshake failed{why}"),)
