"""One service: what is remembered of it, and how a second becomes a verdict."""

from dataclasses import dataclass, field, replace

from floodwall.core.arming import is_armed
from floodwall.core.change import Cusum
from floodwall.core.classify import unanswered
from floodwall.core.classify.acks import find_ack_flood
from floodwall.core.classify.connection import find_connection_flood, find_real_flood
from floodwall.core.classify.crowd import find_crowd
from floodwall.core.classify.finding import Finding
from floodwall.core.classify.flood import find_flood
from floodwall.core.classify.flow import FLOWS, Flow, flow_between, since_calm
from floodwall.core.classify.learned import Learned
from floodwall.core.classify.scene import Scene
from floodwall.core.classify.slow import find_slow_application
from floodwall.core.classify.standing import Standing
from floodwall.core.classify.view import View
from floodwall.core.commands import Limits
from floodwall.core.model import SECOND_NS, Reading, Service
from floodwall.core.verdict import Evidence, Kind

GAP_S = 5.0
"""After a longer gap the flows before it say nothing of the one after it."""

LEARNED_FROM = (Kind.CALM, Kind.FLASH_CROWD)
"""A crowd that stays is the new usual; an attack never is."""


@dataclass(frozen=True, slots=True)
class ServiceMemory:
    """What is known of one service between two observations."""

    identity: str
    reading: Reading | None = None
    at_ns: int = 0
    """When the reading was taken."""
    flows: tuple[Flow, ...] = ()
    learned: Learned = field(default_factory=Learned)
    jump: Cusum = field(default_factory=Cusum)
    slow: Cusum = field(default_factory=Cusum)
    full_ticks: int = 0
    standing: Standing = field(default_factory=Standing)


def identity_of(service: Service) -> str:
    """Name a service so that it is known again under another index, and after a restart."""
    return f"{service.bound}%{service.device}"


def advance(memory: ServiceMemory, reading: Reading, now_ns: int) -> ServiceMemory:
    """Take in the counters of this second."""
    flow = None
    seconds = (now_ns - memory.at_ns) / SECOND_NS
    if memory.reading is not None:
        flow = flow_between(memory.reading, reading, seconds)
    past = memory.flows if seconds < GAP_S else ()
    flows = () if flow is None else (*past[-(FLOWS - 1) :], flow)
    return replace(memory, reading=reading, at_ns=now_ns, flows=flows)


def look(memory: ServiceMemory, service: Service, limits: Limits, scene: Scene) -> View:
    """Put together what the rules see; the sums are still those of the second before."""
    accept = scene.queues.get((service.bound, service.device)) if scene.queues else None
    flow = memory.flows[-1] if memory.flows else Flow(1.0)
    full = _is_full(flow, scene) if accept is None else accept.waiting >= accept.backlog
    usual = memory.learned.usual()
    rate = 0.0
    if len(memory.flows) > 1:
        rate = unanswered.unanswered_rate(flow, memory.flows[-2], full=full)
    hinted = bool(scene.hinted) and (service.bound.port in scene.hinted)
    return View(
        service=service,
        high=limits.high,
        low=limits.low,
        lifetime_s=scene.lifetime_s,
        flow=flow,
        flows=memory.flows or (flow,),
        usual=usual,
        armed_s=_armed_s(service, limits, memory.reading, scene.now_ns),
        calm=calm_flows(memory, service, limits, scene.now_ns),
        unanswered=rate,
        jump=memory.jump.total,
        slow=memory.slow.total,
        accept=accept,
        full=full,
        full_ticks=memory.full_ticks + 1 if full else 0,
        overflows=scene.overflows if full else 0,
        stale=None if scene.stale is None else scene.stale.get(service.index, 0),
        connections=scene.connections.get(service.index),
        canary=scene.canaries.get(service.index),
        hinted=hinted,
        somaxconn=scene.somaxconn,
    )


def calm_flows(
    memory: ServiceMemory, service: Service, limits: Limits, now_ns: int
) -> tuple[Flow, ...]:
    """Return the flows since a service is calm: challenges in them are those of debtors."""
    if memory.reading is None or is_armed(service, limits, memory.reading, now_ns):
        return ()
    armed_until_ns = max(memory.reading.armed_until_ns, limits.forced_until_ns)
    return since_calm(memory.flows, (now_ns - armed_until_ns) / SECOND_NS)


def add(memory: ServiceMemory, view: View) -> tuple[ServiceMemory, View]:
    """Add this second to the sums."""
    if len(memory.flows) < 2:
        return replace(memory, full_ticks=view.full_ticks), view
    flow, rate, share = view.flow, view.unanswered, view.usual.unanswered_share
    jump = unanswered.add_jump(memory.jump, flow, rate, share, view.threat, view.low)
    slow = unanswered.add_slow(memory.slow, flow, rate, share, view.threat, view.high)
    memory = replace(memory, jump=jump, slow=slow, full_ticks=view.full_ticks)
    return memory, replace(view, jump=jump.total, slow=slow.total)


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


def learn(memory: ServiceMemory, view: View, found: Finding | None, scene: Scene) -> ServiceMemory:
    """Learn what is usual from seconds that are."""
    learned = memory.learned.enter(scene.hour)
    kind = Kind.CALM if found is None else found.kind
    # Neither while an attack is still held against the service: its end is not the usual.
    if kind in LEARNED_FROM and memory.standing.kind in LEARNED_FROM:
        flow = view.flow
        if len(memory.flows) > 1 and not view.full:
            asked = flow.asked / flow.seconds
            learned = learned.learn_traffic(view.answered, asked, view.unanswered, flow.seconds)
        if view.connections is not None:
            learned = learned.learn_silent(view.connections.silent, flow.seconds)
    return memory if learned is memory.learned else replace(memory, learned=learned)


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
        return (Evidence("canary_ms", took, None, f"our own handshake took {took:.1f} ms"),)
    why = f": {canary.why}" if canary.why else ""
    return (Evidence("canary_failed", 1.0, 0.0, f"our own handshake failed{why}"),)
