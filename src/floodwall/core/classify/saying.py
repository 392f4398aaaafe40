"""From what stands to what is said: the verdict with its confidence, evidence and rates."""

from floodwall.core.classify.scene import Scene
from floodwall.core.classify.service import canary_evidence
from floodwall.core.classify.standing import HOLD_NS, Standing
from floodwall.core.classify.view import View
from floodwall.core.model import SECOND_NS
from floodwall.core.verdict import Evidence, Kind, Verdict

CALM_TIMES = 19.0
"""Calm is never surer than 0.95."""

BLIND_FACTOR = 0.9
"""Each sensor that fails costs so much of the confidence."""

UNKNOWN_FACTOR = 0.8
"""As does a service of which nothing was learned yet."""


UNCOUNTED_FACTOR = 0.8
"""As does a flood or crowd that no data plane counted: it is derived from queues and the stack."""

UNCOUNTED_CALM = 0.6
"""And calm where SYNs are not counted: only what fills a queue would show."""

SEEN_ANYWAY = (Kind.SLOW_APPLICATION, Kind.CONNECTION_FLOOD)
"""Kinds that are told by queues and connections alone."""


def say(view: View, standing: Standing, scene: Scene) -> Verdict:
    """Put a service's second into a verdict."""
    finding = standing.finding
    evidence = () if finding is None else finding.evidence
    confidence = _calm(view) if finding is None else finding.confidence
    confidence *= BLIND_FACTOR ** len(scene.blind)
    if not scene.counted and standing.kind not in SEEN_ANYWAY:
        confidence *= UNCOUNTED_CALM if standing.kind is Kind.CALM else UNCOUNTED_FACTOR
    if standing.kind is not Kind.CALM:
        held_ns = scene.now_ns - standing.found_ns
        if held_ns > 0:
            # At the end of the hold it is as likely over as not.
            confidence *= 1 - held_ns / HOLD_NS / 2
            evidence += (_held(held_ns),)
        evidence += canary_evidence(view)
        if not scene.counted:
            evidence += (_derived(),)
    elif view.canary is not None and not view.canary.connected:
        evidence += canary_evidence(view)
        confidence = min(confidence, 0.5)
    if scene.blind:
        evidence += (_blind(scene.blind),)
    return Verdict(
        service=view.service.index,
        kind=standing.kind,
        confidence=round(confidence, 3),
        since_ns=standing.since_ns,
        evidence=evidence,
        spoof_index=view.spoof_index,
        advice="" if finding is None else finding.advice,
        rates=rates(view),
    )


def say_blind(index: int, standing: Standing, why: str) -> Verdict:
    """Say again what stood, of a service whose counters could not be read: silence is not calm."""
    return Verdict(
        service=index,
        kind=standing.kind,
        confidence=0.0,
        since_ns=standing.since_ns,
        evidence=(_blind((why,)),),
        advice="" if standing.finding is None else standing.finding.advice,
    )


def rates(view: View) -> dict[str, float]:
    """Return what came a second, by name."""
    flow = view.flow
    seconds = flow.seconds
    return {
        "syns_per_s": flow.syns / seconds,
        "passed_per_s": flow.passed / seconds,
        "challenged_per_s": flow.challenged / seconds,
        "proven_per_s": flow.proven / seconds,
        "completed_per_s": flow.completed / seconds,
        "bad_acks_per_s": flow.bad_acks / seconds,
        "unanswered_per_s": view.unanswered,
    }


def _calm(view: View) -> float:
    """How far the nearest rival is: a jump in SYNs without answer."""
    jump, limit = view.sums.jump.total, view.sums.jump_limit
    times = min(limit / jump, CALM_TIMES) if jump > 0 else CALM_TIMES
    known = 1.0 if view.usual.answered is not None else UNKNOWN_FACTOR
    return known * times / (1 + times)


def _held(held_ns: int) -> Evidence:
    seconds = held_ns / SECOND_NS
    return Evidence(
        "held_s", seconds, HOLD_NS / SECOND_NS, f"nothing more was found for {seconds:.0f} s"
    )


def _derived() -> Evidence:
    text = "derived from queues and the stack's counters: nothing counts SYNs on this rung"
    return Evidence("uncounted", 1.0, None, text)


def _blind(sensors: tuple[str, ...]) -> Evidence:
    return Evidence("blind", len(sensors), None, f"could not see: {', '.join(sensors)}")
