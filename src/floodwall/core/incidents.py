"""Incidents: from the first verdict that is not calm to a minute of calm after the last.

Law: no verdict is neither calm nor attack: silence closes nothing for ten minutes.
"""

from dataclasses import replace

from floodwall.core.commands import Command, RecordDecision
from floodwall.core.decision import Act, Decision
from floodwall.core.duration import format_duration
from floodwall.core.ladder import conclude
from floodwall.core.model import SECOND_NS
from floodwall.core.observation import Observation
from floodwall.core.response import Incident
from floodwall.core.state import State
from floodwall.core.upkeep import Step
from floodwall.core.verdict import Kind, Verdict

QUIET_NS = 60 * SECOND_NS
"""An incident ends after so long a calm, and so opens at most once a minute."""

BLIND_NS = 600 * SECOND_NS
"""An incident about which nothing is known any more ends after so long."""

MACHINE = "this machine"
"""How the machine as a whole is called."""

WORDS = {
    Kind.CALM: "calm",
    Kind.SPOOFED_FLOOD: "a SYN flood from forged addresses",
    Kind.REAL_FLOOD: "a SYN flood from real addresses",
    Kind.MIXED_FLOOD: "a SYN flood from forged and real addresses",
    Kind.FLASH_CROWD: "a flash crowd, which is no attack",
    Kind.SLOW_APPLICATION: "a slow application, which is no attack",
    Kind.SYN_SCAN: "a SYN scan",
    Kind.ACK_FLOOD: "an ACK flood",
    Kind.CONNECTION_FLOOD: "a connection flood",
    Kind.REFLECTION: "use of this machine as a SYN-ACK reflector",
}
"""How an operator reads a kind."""


def follow_incidents(state: State, seen: Observation) -> Step:
    """Open, keep and close the incident of each service and of the machine."""
    names: dict[int | None, str] = {s.index: s.name for s in state.table.services}
    names[None] = MACHINE
    incidents = dict(state.response.incidents)
    commands: list[Command] = []
    for index in {**incidents, **dict.fromkeys(names)}:
        verdict = state.verdicts.get(index) if index in names else None
        before = incidents.get(index)
        after = _next(before, verdict, index, names.get(index, ""), seen.now_ns)
        if after is None:
            incidents.pop(index, None)
        else:
            incidents[index] = after
        if before is None and after is not None and verdict is not None:
            commands.append(RecordDecision(_opened(state, after, verdict)))
        if before is not None and after is None:
            commands.append(RecordDecision(_closed(before, seen.now_ns)))
    return replace(state, response=replace(state.response, incidents=incidents)), commands


def _next(
    before: Incident | None, verdict: Verdict | None, index: int | None, name: str, now_ns: int
) -> Incident | None:
    if verdict is None or verdict.kind is Kind.CALM:
        return _ebbing(before, verdict, now_ns)
    if before is None:
        return Incident(index, name, verdict.kind, now_ns, now_ns, now_ns)
    graver = verdict.kind.is_attack or not before.kind.is_attack
    kind = verdict.kind if graver else before.kind
    return replace(before, kind=kind, last_ns=now_ns, seen_ns=now_ns)


def _ebbing(before: Incident | None, verdict: Verdict | None, now_ns: int) -> Incident | None:
    if before is None:
        return None
    if verdict is None:
        return before if now_ns - before.seen_ns < BLIND_NS else None
    if now_ns - before.last_ns >= QUIET_NS:
        return None
    return replace(before, seen_ns=now_ns)


def _opened(state: State, incident: Incident, verdict: Verdict) -> Decision:
    modes = {service.index: service.mode for service in state.table.services}
    return conclude(
        "incident",
        Act.OPEN_INCIDENT,
        incident.opened_ns,
        incident.name,
        f"{incident.name}: {WORDS[incident.kind]}",
        mode=modes.get(incident.service) if incident.service is not None else None,
        service=incident.service,
        evidence=verdict.evidence,
    )


def _closed(incident: Incident, now_ns: int) -> Decision:
    length = format_duration((incident.last_ns - incident.opened_ns) / SECOND_NS)
    blind = now_ns - incident.seen_ns >= BLIND_NS
    end = "is out of sight" if blind else "is over"
    return conclude(
        "incident",
        Act.CLOSE_INCIDENT,
        now_ns,
        incident.name,
        f"{incident.name}: {WORDS[incident.kind]} {end} after {length}",
        service=incident.service,
    )
