"""The step of `decide` that puts services under ACK guard: calm, and yet every ACK is looked up.

A calm service lets ACKs pass to the stack, which answers the stray ones with a reset each.  Under
guard the data plane asks for the connection first, and drops what belongs to none.
"""

from dataclasses import replace
from typing import Final

from floodwall.core.commands import RecordDecision
from floodwall.core.decision import Act, Decision
from floodwall.core.ladder import conclude
from floodwall.core.model import SECOND_NS, Service
from floodwall.core.observation import Observation
from floodwall.core.relief import CHALLENGED
from floodwall.core.state import State
from floodwall.core.upkeep import Step
from floodwall.core.verdict import Evidence, Kind

HOLD_NS: Final = 60 * SECOND_NS
"""A service stays under guard so long after the last verdict of an ACK flood."""


def guard_acks(state: State, seen: Observation) -> Step:
    """Guard what is flooded with ACKs; the machine's own verdict stands for every service."""
    # Without a data plane nobody drops anything, and nothing must be said to be dropped.
    verdicts = state.verdicts if seen.data_plane else {}
    flooded = {index: v for index, v in verdicts.items() if v.kind is Kind.ACK_FLOOD}
    guarded: dict[int, int] = {}
    commands: list[RecordDecision] = []
    for service in state.table.services:
        if service.mode not in CHALLENGED:
            continue
        before = state.guarded.get(service.index)
        verdict = flooded.get(service.index) or flooded.get(None)
        until_ns = seen.now_ns + HOLD_NS if verdict else before or 0
        if until_ns > seen.now_ns:
            guarded[service.index] = until_ns
        if verdict and before is None:
            commands.append(RecordDecision(_begun(service, verdict.evidence, seen.now_ns)))
        elif before is not None and until_ns <= seen.now_ns:
            commands.append(RecordDecision(_ended(service, seen.now_ns)))
    return replace(state, guarded=guarded), list(commands)


def _begun(service: Service, evidence: tuple[Evidence, ...], now_ns: int) -> Decision:
    return _decision(
        service,
        Act.ARM,
        f"{service.name} is under ACK guard: ACKs of no connection are dropped",
        now_ns,
        evidence,
    )


def _ended(service: Service, now_ns: int) -> Decision:
    text = f"{service.name} is no longer under ACK guard"
    return _decision(service, Act.CALM, text, now_ns, ())


def _decision(
    service: Service, act: Act, text: str, now_ns: int, evidence: tuple[Evidence, ...]
) -> Decision:
    return conclude(
        "ack_guard",
        act,
        now_ns,
        service.name,
        text,
        mode=service.mode,
        service=service.index,
        evidence=evidence,
    )
