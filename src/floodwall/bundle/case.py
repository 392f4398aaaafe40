"""The case: everything that is on record about one incident, in the order in which it happened.

Law: nothing in it depends on when one looks, or the same incident would not give the same bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from floodwall.store.history import History
from floodwall.store.rows import DecisionRow, EventRow, IncidentRow, SampleRow, VerdictRow

ROWS_MAX = 100_000
"""So many verdicts, decisions and events are taken at most; the newest ones."""


@dataclass(frozen=True, slots=True)
class Case:
    """An incident with all that belongs to it, the oldest first."""

    incident: IncidentRow
    """Without `lasted_s` while it goes on."""
    verdicts: Sequence[VerdictRow] = ()
    decisions: Sequence[DecisionRow] = ()
    events: Sequence[EventRow] = ()
    series: Sequence[SampleRow] = ()
    words: Sequence[DecisionRow] = ()
    """What operators lifted or allowed since its first decision, in whatever incident."""

    @property
    def cut(self) -> bool:
        """Tell whether there is more on record than was taken."""
        return any(
            len(rows) >= ROWS_MAX
            for rows in (self.verdicts, self.decisions, self.events, self.words)
        )


def case_of(history: History, number: int) -> Case | None:
    """Return what is on record about an incident; None if there is no such incident."""
    row = history.incident(number)
    if row is None:
        return None
    if row.closed is None:
        row = replace(row, lasted_s=None)
    decisions = history.decisions(incident=number, limit=ROWS_MAX)[::-1]
    # By number and not by time: a clock that was set back hides no word.
    words = history.words(decisions[0].id, ROWS_MAX)[::-1] if decisions else []
    return Case(
        incident=row,
        verdicts=history.verdicts(incident=number, limit=ROWS_MAX)[::-1],
        decisions=decisions,
        events=history.last_events(ROWS_MAX, number),
        series=history.series(number),
        words=words,
    )


def seconds_of(text: str) -> float | None:
    """Return a time of the record in seconds since 1970; None for one that is none."""
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def told(evidence: Mapping[str, Any]) -> str:
    """Write a piece of evidence: its name, what was measured, the limit, and both in words."""
    limit = evidence.get("limit")
    compared = "" if limit is None else f", limit {limit}"
    text = f": {evidence['text']}" if evidence.get("text") else ""
    return f"{evidence.get('name', '')} {evidence.get('value', '?')}{compared}{text}"
