"""The machine as a whole: scans, reflection, floods at no service, and links that are full."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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

UNCOUNTED = Evidence(
    "uncounted",
    1.0,
    None,
    "nothing counts SYNs on this rung: scans, reflection, ACK floods and SYN floods that fill no "
    "queue are not seen",
)


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
    retries: int | None = None
    """The largest tcp_synack_retries that was seen: it is lowered while a flood is on, and that
    must not change what a flood is."""
    standing: Standing = field(default_factory=Standing)


def read_totals(seen: Observation) -> Totals:
    """Take the counters of the machine out of an observation."""
    reasons, stack = seen.reasons, seen.signs.stack
    closed = reasons.get("pass_closed_port", 0) + reasons.get("drop_closed_port", 0)
    return Totals(
        at_ns=seen.now_ns,
        closed=closed if reasons and seen.data_plane else None,
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


@dataclass(frozen=True, slots=True)
class Traffic:
    """What the services of the machine went through together."""

    answered: float
    """Handshakes that clients completed a second."""
    calm: Mapping[int, tuple[Flow, ...]]
    """The flows of services since each is calm."""


def judge_machine(
    memory: MachineMemory, seen: Observation, traffic: Traffic, loose: Finding | None = None
) -> tuple[MachineMemory, Verdict]:
    """Say what the machine goes through, apart from what its services do.

    `loose` is what was found of cookies that belong to no service.
    """
    totals, before = read_totals(seen), memory.totals
    blind = totals.closed is None
    memory = replace(
        memory,
        totals=totals,
        addresses=max(len(seen.addresses), 1) if seen.addresses else memory.addresses,
        retries=_retries(memory.retries, seen),
    )
    if before is None or totals.at_ns <= before.at_ns:
        return memory, _say(memory, seen, (), blind=blind)
    grown = _grow(before, totals)
    probes = (*memory.probes[-(WINDOW - 1) :], (grown.closed or 0, grown.seconds))
    episode = memory.episode + (grown.closed or 0)
    found = (
        find_reflection(
            add_up(traffic.calm), sum([count for count, _ in probes]), seen.half_open or ()
        )
        or _find_probing(memory, grown, probes, episode)
        or loose
        or (_find_resets(memory, grown, traffic.answered) if seen.data_plane else None)
    )
    standing = memory.standing.settle(found, seen.now_ns)
    closed, resets = _learn(memory, grown, found)
    memory = MachineMemory(
        totals=totals,
        probes=probes,
        episode=episode if standing.kind in PROBING else 0,
        closed=closed,
        resets=resets,
        addresses=memory.addresses,
        retries=memory.retries,
        standing=standing,
    )
    return memory, _say(memory, seen, _links(before, totals, grown.seconds), blind=blind)


def _retries(before: int | None, seen: Observation) -> int | None:
    if seen.stack is None:
        return before
    now = seen.stack.tcp_synack_retries
    return now if before is None else max(before, now)


def is_reflecting(memory: MachineMemory) -> bool:
    """Tell whether the machine is being used as a reflector."""
    return memory.standing.kind is Kind.REFLECTION


@dataclass(frozen=True, slots=True)
class _Growth:
    """What the counters of the machine grew by; None is not known."""

    seconds: float
    closed: int | None
    calm_acks: int
    resets: int | None
    """Without those that were sent for a SYN to a closed port."""


def _grow(before: Totals, totals: Totals) -> _Growth:
    closed, resets = growth(before.closed, totals.closed), growth(before.resets, totals.resets)
    return _Growth(
        (totals.at_ns - before.at_ns) / SECOND_NS,
        closed,
        growth(before.calm_acks, totals.calm_acks) or 0,
        None if resets is None else max(0, resets - (closed or 0)),
    )


def _find_probing(
    memory: MachineMemory, grown: _Growth, probes: tuple[tuple[int, float], ...], episode: int
) -> Finding | None:
    if grown.closed is None:
        return None
    usual = memory.closed.high(WINDOW_SPREADS) if memory.closed.is_ready else 0.0
    count = sum([probe for probe, _ in probes])
    scan = find_scan(count, sum([length for _, length in probes]), usual, memory.addresses)
    if scan is None:
        return None
    return find_closed_port_flood(episode, memory.addresses, grown.closed / grown.seconds) or scan


def _find_resets(memory: MachineMemory, grown: _Growth, answered: float) -> Finding | None:
    if grown.resets is None or not memory.resets.is_ready:
        return None
    resets, calm_acks = grown.resets / grown.seconds, grown.calm_acks / grown.seconds
    return find_reset_storm(resets, memory.resets.high(), answered, calm_acks)


def _learn(
    memory: MachineMemory, grown: _Growth, found: Finding | None
) -> tuple[Baseline, Baseline]:
    """Return what is usual of closed ports and of resets, after a second without attack."""
    closed, resets, seconds = memory.closed, memory.resets, grown.seconds
    if found is not None or memory.standing.kind is not Kind.CALM:
        return closed, resets
    if grown.closed is not None:
        closed = closed.learn(grown.closed / seconds, seconds)
    if grown.resets is not None:
        resets = resets.learn(grown.resets / seconds, seconds)
    return closed, resets


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
    *,
    blind: bool,
) -> Verdict:
    standing = memory.standing
    finding = standing.finding
    confidence = CALM_CONFIDENCE if finding is None else finding.confidence
    if blind:
        confidence = min(confidence, BLIND_CONFIDENCE)
    unseen = () if seen.data_plane else (UNCOUNTED,)
    advice = "" if finding is None else finding.advice
    if links and not advice:
        advice = "a full link drops before this machine sees it: only the provider can help"
    return Verdict(
        service=None,
        kind=standing.kind,
        confidence=round(confidence, 3),
        since_ns=standing.since_ns or seen.now_ns,
        evidence=(() if finding is None else finding.evidence) + links + unseen,
        spoof_index=None if finding is None else finding.spoof_index,
        advice=advice,
        rates=_rates(memory),
    )


def _rates(memory: MachineMemory) -> dict[str, float]:
    if not memory.probes:
        return {}
    count, seconds = memory.probes[-1]
    return {"closed_port_syns_per_s": count / seconds}
