"""The record as a reader gets it: each row with its times as words and its texts decoded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class IncidentRow:
    """An incident; times are ISO 8601 in UTC, `closed` is None while it goes on."""

    id: int
    service: str
    kind: str
    rule: str
    opened: str
    opened_text: str
    closed: str | None
    closed_text: str
    lasted_s: float | None
    """None where a clock was lost; while it goes on, how long it has."""
    step_s: int
    """Seconds between two samples of its series."""
    peak: Mapping[str, float]
    """The largest value of each fact."""

    @property
    def name(self) -> str:
        """Return how it is called: I12."""
        return f"I{self.id}"


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """What a second was called."""

    at: str
    service: str
    kind: str
    confidence: float
    spoof_index: Sequence[float] | None
    """Share of challenged sources that never answered, with its 95 % interval."""
    advice: str
    evidence: Sequence[Mapping[str, Any]]
    rates: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class ActionRow:
    """What was done for a decision, and whether it was taken back."""

    at: str
    command: str
    subject: str
    details: Mapping[str, Any]
    state: str
    """`planned`, `done` or `failed`; what is planned for long died with its daemon."""
    result: str
    undone: str | None
    """When it was taken back by another action."""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision with its evidence, and what was done for it."""

    id: int
    at: str
    act: str
    rule: str
    subject: str
    text: str
    service: str
    network: str | None
    until: str | None
    undone_by: str
    who: str
    evidence: Sequence[Mapping[str, Any]]
    incident: int | None
    actions: Sequence[ActionRow] = ()


@dataclass(frozen=True, slots=True)
class BanRow:
    """A ban, in force or not."""

    network: str
    rule: str
    who: str
    text: str
    since: str
    until: str | None
    """None is until lifted."""
    left_s: float | None
    """Seconds until it ends by itself; None where it has ended, or has no end."""
    ended: str | None
    """When it ended; None while it is in force."""
    how: str
    """By what it ended."""
    decision: int | None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One sentence of the course of events."""

    id: int
    at: str
    kind: str
    text: str
    service: str
    network: str | None
    incident: int | None


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One second of an incident; `tick` is seconds since it was opened, negative before."""

    tick: int
    at: str
    facts: Mapping[str, float]
