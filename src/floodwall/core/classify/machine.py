"""The machine as a whole: scans, reflection, floods at no service, and links that are full."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice

from floodwall.core.baseline import Baseline
from floodwall.core.classify.acks import find_reset_storm
from floodwall.core.classify.finding import Finding
from floodwall.core.classify.flow import Flow
from floodwall.core.classify.reflection import add_up, find_reflection
from floodwall.core.classify.scan import WINDOW, find_closed_port_flood, find_scan
from floodwall.core.classify.standing import Standing
from floodwall.core.model import SECOND_NS
from floodwall.core.observation import Observation
from floodwall.core.signs import LinkLoad
from floodwall.core.verdict import Evidence, Kind, Verdict

SATURATED = 0.9
"""Share of a link's speed from which it drops in bursts."""

WINDOW_SPREADS = 1.3
"""Four standard deviations of one second are so many of the mean of ten."""

PROBING = (Kind.SYN_SCAN, Kind.SPOOFED_FLOOD)
"""Kinds during which SYNs to closed ports belong to one episode."""

CALM_CONFIDENCE = 0.95

BLIND_CONFIDENCE = 0.5
"""Without the counters, nothing of the machine is known for sure."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Counters of the machine at one time; None could not be read."""

    at_ns: int
    closed: int | None
    calm_acks: int
    resets: int | None
    overflows: int | None
    links: Mapping[str, LinkLoad] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MachineMemory:
    """What is known of the machine between two observations."""

    totals: Totals | None = None
    probes: tuple[tuple[int, float], ...] = ()
    """SYNs to closed ports, and seconds, of each interval in the window."""
    episode: int = 0
    """SYNs to closed ports since the scan that is said at present began."""
    closed: Baseline = field(default_factory=Baseline)
    resets: Baseline = field(default_factory=Baseline)
    addresses: int = 1
    retries: int = 5
    """tcp_synack_retries as last seen."""
    standing: Standing = field(default_factory=Standing)


def read_totals(seen: Observation) -> Totals:
    """Take the counters of the machine out of an observation."""
    reasons, stack = seen.reasons, seen.signs.stack
    closed = reasons.get("pass_closed_port", 0) + reasons.get("drop_closed_port", 0)
    return Totals(
        at_ns=seen.now_ns,
        closed=closed if reasons else None,
        calm_acks=reasons.get("pass_calm_ack", 0),
        resets=stack.out_resets if stack else None,
        overflows=stack.listen_overflows if stack else None,
        links={link.name: link for link in seen.signs.links or ()},
    )


def growth(before: int | None, now: int | None) -> int | None:
    """Return how much a counter has grown, or None if that is not known."""
    if before is None or now is None or now < before:
        return None
    return now - before


def judge_machine(
    memory: MachineMemory,
    seen: Observation,
    calm: Mapping[int, tuple[Flow, ...]],
    answered: float,
) -> tuple[MachineMemory, Verdict]:
    """Say what the machine goes through, apart from what its services do.

    `calm` are the flows of its services since each is calm; `answered` are the handshakes that
    clients of all services completed a second.
    """
    totals, before = read_totals(seen), memory.totals
    memory = replace(
        memory,
        totals=totals,
        addresses=max(len(seen.addresses), 1) if seen.addresses else memory.addresses,
        retries=seen.stack.tcp_synack_retries if seen.stack else memory.retries,
    )
    if before is None or totals.at_ns <= before.at_ns:
        return memory, _say(memory, seen, (), totals.closed is None)
    seconds = (totals.at_ns - before.at_ns) / SECOND_NS
    closed = growth(before.closed, totals.closed)
    memory = _probe(memory, closed, seconds)
    reflected = add_up(calm)
    probes = sum(count for count, _ in memory.probes)
    entries = islice(seen.half_open or (), 65536)
    found = (
        find_reflection(reflected, probes, entries)
        or _find_probing(memory, closed, seconds)
        or _find_resets(memory, before, totals, answered, seconds)
    )
    memory = _learn(memory, before, totals, found, seconds)
    standing = memory.standing.settle(found, seen.now_ns)
    episode = memory.episode if standing.kind in PROBING else 0
    memory = replace(memory, standing=standing, episode=episode)
    return memory, _say(memory, seen, _links(before, totals, seconds), totals.closed is None)


def is_reflecting(memory: MachineMemory) -> bool:
    """Tell whether the machine is being used as a reflector."""
    return memory.standing.kind is Kind.REFLECTION


def _probe(memory: MachineMemory, closed: int | None, seconds: float) -> MachineMemory:
    probes = (*memory.probes[-(WINDOW - 1) :], (closed or 0, seconds))
    return replace(memory, probes=probes, episode=memory.episode + (closed or 0))


def _find_probing(memory: MachineMemory, closed: int | None, seconds: float) -> Finding | None:
    if closed is None:
        return None
    flood = find_closed_port_flood(memory.episode, memory.addresses, closed / seconds)
    count = sum(probes for probes, _ in memory.probes)
    window_s = sum(length for _, length in memory.probes)
    usual = memory.closed.high(WINDOW_SPREADS) if memory.closed.is_ready else 0.0
    scan = find_scan(count, window_s, usual, memory.addresses)
    return (flood or scan) if scan else None


def _stray_resets(before: Totals, totals: Totals) -> int | None:
    """Resets that were not sent for a SYN to a closed port."""
    resets = growth(before.resets, totals.resets)
    return None if resets is None else max(0, resets - (growth(before.closed, totals.closed) or 0))


def _find_resets(
    memory: MachineMemory,
    before: Totals,
    totals: Totals,
    answered: float,
    seconds: float,
) -> Finding | None:
    resets = _stray_resets(before, totals)
    if resets is None or not memory.resets.is_ready:
        return None
    calm_acks = (growth(before.calm_acks, totals.calm_acks) or 0) / seconds
    return find_reset_storm(resets / seconds, memory.resets.high(), answered, calm_acks)


def _learn(
    memory: MachineMemory, before: Totals, totals: Totals, found: Finding | None, seconds: float
) -> MachineMemory:
    if found is not None or memory.standing.kind is not Kind.CALM:
        return memory
    closed, resets = growth(before.closed, totals.closed), _stray_resets(before, totals)
    return replace(
        memory,
        closed=memory.closed if closed is None else memory.closed.learn(closed / seconds, seconds),
        resets=memory.resets if resets is None else memory.resets.learn(resets / seconds, seconds),
    )


def _links(before: Totals, totals: Totals, seconds: float) -> tuple[Evidence, ...]:
    """Name the links that are as good as full."""
    found = []
    for name, link in totals.links.items():
        earlier = before.links.get(name)
        if earlier is None or not link.speed_bit_s:
            continue
        for way, now, then in (
            ("receives", link.received_bytes, earlier.received_bytes),
            ("sends", link.sent_bytes, earlier.sent_bytes),
        ):
            share = max(now - then, 0) * 8 / seconds / link.speed_bit_s
            if share >= SATURATED:
                text = f"{name} {way} {share:.0%} of its {link.speed_bit_s / 1e6:,.0f} Mbit/s"
                found.append(Evidence("link_saturated", share, SATURATED, text))
    return tuple(found)


def _say(
    memory: MachineMemory,
    seen: Observation,
    links: tuple[Evidence, ...],
    blind: bool,  # noqa: FBT001
) -> Verdict:
    standing = memory.standing
    finding = standing.finding
    confidence = CALM_CONFIDENCE if finding is None else finding.confidence
    if blind:
        confidence = min(confidence, BLIND_CONFIDENCE)
    advice = "" if finding is None else finding.advice
    if links and not advice:
        advice = "a full link drops before this machine sees it: only the provider can help"
    return Verdict(
        service=None,
        kind=standing.kind,
        confidence=round(confidence, 3),
        since_ns=standing.since_ns or seen.now_ns,
        evidence=(() if finding is None else finding.evidence) + links,
        spoof_index=None if finding is None else finding.spoof_index,
        advice=advice,
        rates=_rates(memory),
    )


def _rates(memory: MachineMemory) -> dict[str, float]:
    if not memory.probes:
        return {}
    count, seconds = memory.probes[-1]
    return {"closed_port_syns_per_s": count / seconds}
