"""The state line: what happened in the last second, in numbers and in words."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from floodwall.core.duration import format_duration
from floodwall.core.model import SECOND_NS, Reading
from floodwall.core.observation import Observation
from floodwall.core.state import State
from floodwall.core.verdict import Kind, Verdict

MACHINE = "machine"
"""How the verdict on the machine as a whole is named."""


@dataclass(frozen=True, slots=True)
class Totals:
    """Counters of all services together, since the maps were made."""

    syns: int = 0
    passed: int = 0
    challenged: int = 0
    proven: int = 0
    bad_acks: int = 0
    completed: int = 0
    dropped: int = 0
    """Packets dropped for whatever reason, also those of no service."""


@dataclass(frozen=True, slots=True)
class Summary:
    """One second; rates are per second."""

    armed: Mapping[str, float]
    """Armed services with the seconds since when each is."""
    services: int
    rates: Totals
    totals: Totals
    blind: tuple[str, ...]
    """Sensors that failed."""
    verdicts: Mapping[str, Verdict] = field(default_factory=dict)
    """What is said, by the name of the service; `machine` is the machine as a whole."""
    counted: bool = True
    """False where there is no data plane: then rates and totals are zero because nobody counts."""
    trouble: str = ""
    """What of the machine is not protected, and why."""

    def as_json(self) -> dict[str, Any]:
        """Return the second as JSON takes it."""
        told = {name: _verdict(verdict) for name, verdict in self.verdicts.items()}
        state = "armed" if self.armed else "calm"
        return asdict(replace(self, verdicts={})) | {"verdicts": told, "state": state}


def count(seen: Observation) -> Totals:
    """Add up what was observed."""
    readings = seen.readings or ()

    def total(name: str) -> int:
        return sum(getattr(reading, name) for reading in readings)

    return Totals(
        **{name: total(name) for name in Reading.__dataclass_fields__ if name in _COUNTED},
        dropped=sum(n for reason, n in seen.reasons.items() if reason.startswith("drop_")),
    )


def summarize(
    state: State, seen: Observation, before: Totals, elapsed_s: float, trouble: str = ""
) -> Summary:
    """Describe the second that ended with this observation."""
    totals = count(seen)
    return Summary(
        armed={
            service.name: (seen.now_ns - state.armed[service.index]) / SECOND_NS
            for service in state.table.services
            if service.index in state.armed
        },
        services=len(state.table.services),
        rates=_rates(before, totals, elapsed_s),
        totals=totals,
        blind=tuple(failure.sensor for failure in seen.failures),
        verdicts=_by_name(state),
        counted=seen.data_plane,
        trouble=trouble,
    )


def state_line(summary: Summary) -> str:
    """Write a second on one line."""
    rates = summary.rates
    if summary.armed:
        first, *others = summary.armed.items()
        more = f" and {len(others)} more" if others else ""
        head = f"ARMED  {first[0]} for {format_duration(first[1])}{more}"
    else:
        plural = "" if summary.services == 1 else "s"
        head = f"calm   {summary.services} service{plural}"
    parts = [
        head,
        *_findings(summary.verdicts),
        *(_counts(rates) if summary.counted else ["nothing is counted on this rung"]),
    ]
    if summary.blind:
        parts.append(f"cannot see {', '.join(summary.blind)}")
    if summary.trouble:
        parts.append(summary.trouble)
    return "  ".join(parts)


def _counts(rates: Totals) -> list[str]:
    return [
        f"{rates.syns:,} SYN/s",
        f"{rates.passed:,} passed",
        f"{rates.challenged:,} challenged",
        f"{rates.proven:,} proven",
        f"{rates.dropped:,} dropped",
    ]


def _by_name(state: State) -> dict[str, Verdict]:
    names = {service.index: service.name for service in state.table.services}
    return {
        MACHINE if index is None else names[index]: verdict
        for index, verdict in state.verdicts.items()
        if index is None or index in names
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    """Say all of a verdict, but of calm only that it is: there may be a thousand services."""
    if verdict.kind is Kind.CALM and not verdict.evidence:
        return {"kind": verdict.kind, "confidence": verdict.confidence}
    return asdict(verdict)


def _findings(verdicts: Mapping[str, Verdict]) -> list[str]:
    """Name what is not calm, the surest first, and the others by number."""
    loud = [(one.confidence, name, one.kind) for name, one in verdicts.items()
            if one.kind is not Kind.CALM]  # fmt: skip
    if not loud:
        return []
    confidence, name, kind = max(loud)
    more = f" and {len(loud) - 1} more" if len(loud) > 1 else ""
    where = "" if name == MACHINE else f" at {name}"
    return [f"{kind.value.replace('_', ' ')}{where} ({confidence:.0%}){more}"]


def _rates(before: Totals, after: Totals, elapsed_s: float) -> Totals:
    """Divide the growth by the time; counters that were cleared since count as no growth."""
    grown = {name: max(0, value - getattr(before, name)) for name, value in asdict(after).items()}
    return Totals(**{name: round(growth / max(elapsed_s, 0.001)) for name, growth in grown.items()})


_COUNTED = frozenset({"syns", "passed", "challenged", "proven", "bad_acks", "completed"})
