"""Rows of the record as lines for a reader.

Law: names and reasons come from outside: nothing of them reaches the terminal but characters that
can be printed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import click

from floodwall.core.duration import format_duration
from floodwall.store.rows import ActionRow, BanRow, DecisionRow, EventRow, IncidentRow, VerdictRow

_PEAKS = {
    "syns": "SYN/s",
    "challenged": "challenged/s",
    "completed": "handshakes/s",
    "pending": "pending",
    "half_open": "half-open",
    "established": "established",
    "received_bit_s": "bit/s received",
}

_FAILED = "failed: "


def say(line: str) -> None:
    """Print a line without anything that steers a terminal."""
    click.echo("".join(c if c.isprintable() else "?" for c in line).rstrip())


def incident_line(row: IncidentRow) -> str:
    """Write an incident on one line."""
    lasted = "?" if row.lasted_s is None else format_duration(row.lasted_s)
    state = f"open for {lasted}" if row.closed is None else f"lasted {lasted}"
    return f"{row.name:6} {row.opened[:19]}Z  {state:18} {row.kind:18} {row.service}"


def peak_line(row: IncidentRow) -> str:
    """Write the largest values of an incident, those that an operator asks for first."""
    parts = [f"{row.peak[name]:,.0f} {unit}" for name, unit in _PEAKS.items() if row.peak.get(name)]
    return f"peaks      {', '.join(parts) or 'nothing was counted'}"


def event_line(row: EventRow) -> str:
    """Write an event on one line."""
    incident = f"  [I{row.incident}]" if row.incident is not None else ""
    return f"{row.at}  {row.kind:15} {row.text}{incident}"


def verdict_lines(row: VerdictRow) -> Iterator[str]:
    """Write a verdict with its evidence."""
    yield f"{row.at}  {row.service}: {row.kind}, {row.confidence:.0%} sure"
    if row.spoof_index:
        value, low, high = row.spoof_index
        yield f"    spoof index {value:.1%}, 95 % interval {low:.1%} to {high:.1%}"
    yield from evidence_lines(row.evidence)
    if row.advice:
        yield f"    advice: {row.advice}"


def decision_lines(row: DecisionRow) -> Iterator[str]:
    """Write a decision: what, by which rule, on what evidence, until when."""
    yield f"{row.at}  {row.act}: {row.text or row.subject}"
    until = f", until {row.until}" if row.until else ""
    incident = f", in incident I{row.incident}" if row.incident is not None else ""
    yield f"    by rule {row.rule}, decided by {row.who}{incident}{until}"
    yield from evidence_lines(row.evidence)
    for action in row.actions:
        yield f"    {_action(action)}"
    if row.undone_by:
        yield f"    undone by: {row.undone_by}"


def evidence_lines(evidence: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """Write each fact with the limit that it was compared with."""
    for each in evidence:
        value, limit, text = each.get("value"), each.get("limit"), each.get("text")
        shown = f"{value:,.6g}" if isinstance(value, int | float) else "?"
        compared = f", limit {limit:,.6g}" if isinstance(limit, int | float) else ""
        because = f": {text}" if text else ""
        yield f"    evidence: {each.get('name', '')} {shown}{compared}{because}"


def ban_line(row: BanRow) -> str:
    """Write a ban on one line, in force or ended."""
    if row.ended is None:
        left = "until lifted" if row.left_s is None else f"for {format_duration(row.left_s)} more"
        return f"{row.network} is banned {left}, since {row.since}, by rule {row.rule}"
    if row.how.startswith(_FAILED):
        return f"{row.network} was to be banned at {row.since} by rule {row.rule}: {row.how}"
    return f"{row.network} was banned from {row.since} to {row.ended} by rule {row.rule}: {row.how}"


def _action(row: ActionRow) -> str:
    told = {"planned": "was about to be done when the daemon died", "done": "done"}
    state = f"failed: {row.result}" if row.state == "failed" else told.get(row.state, row.state)
    undone = f", taken back at {row.undone}" if row.undone else ""
    return f"action: {row.command} {row.subject}: {state}{undone}"
