"""`floodwall events`: the course of events, one line each."""

import json
import time
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

import click

from floodwall.app.past import open_past
from floodwall.cli.options import as_json, examples, record
from floodwall.cli.record_lines import event_line, say
from floodwall.core.errors import ConfigError
from floodwall.store.rows import EventRow

POLL_S = 0.5
"""The record is looked at so often."""

_PAGE = 1000


@click.command(
    name="events",
    epilog=examples("events", "events --count 200", "events --follow --json"),
)
@click.option(
    "--count",
    type=click.IntRange(0, 100_000),
    default=30,
    show_default=True,
    help="So many of the newest.",
)
@click.option("--follow", "-f", is_flag=True, help="Go on with what happens, until Ctrl-C.")
@record
@as_json
def command(count: int, record: Path | None, *, follow: bool, as_json: bool) -> None:
    """Print what happened: verdicts, decisions, incidents, notes of the daemon.

    Reads the record and needs no daemon; with --follow it waits for one.  With --json each event
    is an object on a line of its own.
    """
    last = 0
    try:
        with open_past(record) as history:
            last = _print(history.last_events(count or 1), last, as_json=as_json, quiet=not count)
    except ConfigError:
        if not follow:
            raise
    try:
        while follow:
            time.sleep(POLL_S)
            last = _go_on(record, last, as_json=as_json)
    except KeyboardInterrupt:
        return


def _go_on(record: Path | None, last: int, *, as_json: bool) -> int:
    """Print what is new; a record that was begun anew counts from 1 again."""
    try:
        with open_past(record) as history:
            newest = history.last_events(1)
            if newest and newest[-1].id < last:
                last = 0
            while rows := history.events(last, _PAGE):
                last = _print(rows, last, as_json=as_json)
    except ConfigError:
        return last
    return last


def _print(rows: Iterable[EventRow], last: int, *, as_json: bool, quiet: bool = False) -> int:
    for row in rows:
        last = row.id
        if quiet:
            continue
        if as_json:
            click.echo(json.dumps(asdict(row)))
        else:
            say(event_line(row))
    return last
