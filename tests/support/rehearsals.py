"""Results of the lab as tests need them: everything went well, except for what a test names."""

from dataclasses import replace
from typing import Any

from floodwall.core.verdict import Kind
from floodwall.lab.load import Attempt, Outcome
from floodwall.lab.pauses import Pauses
from floodwall.lab.result import (
    Attack,
    Defence,
    Established,
    Row,
    RowResult,
    ScenarioResult,
    Service,
    Verdicts,
)

_SERVICE = Service(
    attempted=1000,
    succeeded=1000,
    failures={},
    connect_p50_ms=0.2,
    connect_p99_ms=0.5,
    without_retransmit=1.0,
    window_scale_kept=1.0,
    sack_kept=1.0,
    window_scale_kept_without_timestamps=1.0,
    sack_kept_without_timestamps=1.0,
)
_ATTACK = Attack(
    engine="fast",
    offered=50_000_000,
    received=10_000_000,
    answered=10_000_000,
    resets=0,
    offered_pps=5_000_000.0,
    received_pps=1_000_000.0,
    answered_pps=1_000_000.0,
    cpu_s_per_million=0.4,
    cpu_s_per_million_answered=0.4,
)
_VERDICTS = Verdicts(
    shown=Kind.SPOOFED_FLOOD,
    after_s=1.2,
    seconds={"calm": 1, "spoofed_flood": 9},
    false_s=0,
    words="9,000 SYN/s, 100 % of the sources never answered",
)
_DEFENCE = Defence(
    mechanism="native XDP, handover",
    ready_after_s=0.9,
    first_challenge_after_ms=0.8,
    arming_ms=0.01,
    calm_after_s=5.0,
    bans=0,
    unproven_bans=0,
    innocent_bans=0,
    verdicts=_VERDICTS,
    back_after_s=0.1,
    half_open_at_start=0,
    reasons={},
)


def service(**changes: Any) -> Service:
    """Return what well served clients got."""
    return replace(_SERVICE, **changes)


def attack(**changes: Any) -> Attack:
    """Return an attack that was answered cheaply."""
    return replace(_ATTACK, **changes)


def verdicts(**changes: Any) -> Verdicts:
    """Return the right verdict, told in time."""
    return replace(_VERDICTS, **changes)


def defence(**changes: Any) -> Defence:
    """Return what a daemon tells that did all it should."""
    return replace(_DEFENCE, **changes)


def row(kind: Row = Row.FLOODWALL, **changes: Any) -> RowResult:
    """Return a row that meets every bar."""
    made = RowResult(
        row=kind,
        quiet=_SERVICE,
        service=_SERVICE,
        established=Established(12, 0, 0, 60.0, 0),
        attack=_ATTACK,
        pauses=Pauses(0, 0.0, 0.0),
        defence=_DEFENCE if kind.is_floodwall else None,
        leaks=(),
    )
    return replace(made, **changes)


def result(*rows: RowResult, scenario: str = "spoofed") -> ScenarioResult:
    """Return a scenario with these rows and an empty bar."""
    return ScenarioResult(scenario, 10.0, "", rows, ())


def attempt(start_ms: float, outcome: Outcome = Outcome.SERVED, **changes: Any) -> Attempt:
    """Return one client that came at a time, and connected within a millisecond if served."""
    served = outcome is Outcome.SERVED
    connected = 1_000_000 if served else None
    made = Attempt(
        round(start_ms * 1e6),
        outcome,
        ipv6=False,
        connect_ns=connected,
        served_ns=connected,
        window_scale=served,
        sack=served,
        timestamps=served,
    )
    return replace(made, **changes)
