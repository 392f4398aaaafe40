"""`floodwall incidents`: what happened, and what goes on."""

import json
import re
from dataclasses import asdict
from pathlib import Path

import click

from floodwall.app.past import open_past
from floodwall.cli.options import as_json, examples, record
from floodwall.cli.record_lines import (
    decision_lines,
    event_line,
    incident_line,
    peak_line,
    say,
    verdict_lines,
)
from floodwall.core.errors import ConfigError
from floodwall.store.history import History
from floodwall.store.rows import IncidentRow

_FINDING = 1
_ID = re.compile(r"[I#]?(\d{1,18})", re.IGNORECASE)


@click.command(
    name="incidents",
    epilog=examples("incidents", "incidents I12", "incidents 12 --json > incident.json"),
)
@click.argument("incident", required=False, metavar="[ID]")
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True)
@record
@as_json
def command(incident: str | None, limit: int, record: Path | None, *, as_json: bool) -> None:
    """List incidents, newest first, or show one with its verdicts, decisions and series.

    Reads the record and needs no daemon.  Exit code: 0 none is open, 1 one is.
    """
    with open_past(record) as history:
        if incident is not None:
            row = _find(history, incident)
            _show(history, row, limit, as_json=as_json)
            raise SystemExit(0 if row.closed else _FINDING)
        rows = history.incidents(limit)
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=1))
    for row in rows if not as_json else []:
        say(incident_line(row))
    if not rows and not as_json:
        click.echo("no incident is on record")
    raise SystemExit(_FINDING if any(row.closed is None for row in rows) else 0)


def number_of(text: str) -> int | None:
    """Return the number of an incident as it is written: 12, I12 or #12."""
    found = _ID.fullmatch(text)
    return int(found[1]) if found else None


def _find(history: History, text: str) -> IncidentRow:
    number = number_of(text)
    row = history.incident(number) if number is not None else None
    if row is None:
        hint = "'floodwall incidents' lists them"
        raise ConfigError(f"there is no incident {text} on record", hint=hint)
    return row


def _show(history: History, row: IncidentRow, limit: int, *, as_json: bool) -> None:
    verdicts = history.verdicts(incident=row.id, limit=limit)
    decisions = history.decisions(incident=row.id, limit=limit)
    if as_json:
        whole = {
            **asdict(row),
            "verdicts": [asdict(each) for each in verdicts],
            "decisions": [asdict(each) for each in decisions],
            "events": [asdict(each) for each in history.last_events(limit, row.id)],
            "series": [asdict(each) for each in history.series(row.id)],
        }
        click.echo(json.dumps(whole, indent=1))
        return
    say(incident_line(row))
    say(f"opened     {row.opened_text}")
    if row.closed:
        say(f"closed     {row.closed_text}")
    say(peak_line(row))
    say(f"series     {len(history.series(row.id))} samples, one every {row.step_s} s (--json)")
    for verdict in reversed(verdicts):
        for number, line in enumerate(verdict_lines(verdict)):
            say(f"verdict    {line}" if number == 0 else f"           {line}")
    for decision in reversed(decisions):
        for number, line in enumerate(decision_lines(decision)):
            say(f"decision   {line}" if number == 0 else f"           {line}")
    for event in history.last_events(10, row.id):
        say(f"event      {event_line(event)}")
