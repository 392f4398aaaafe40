"""`floodwall why`: which decision, on what evidence, by which rule, until when."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import click

from floodwall.app.past import open_past
from floodwall.app.present import present_guards, present_services
from floodwall.app.status import armed_text
from floodwall.app.why import Answer, Topic, explain, understand
from floodwall.cli.options import as_json, examples, record
from floodwall.cli.record_lines import (
    ban_line,
    decision_lines,
    incident_line,
    peak_line,
    say,
    verdict_lines,
)

_FINDING = 1


@click.command(
    name="why",
    epilog=examples("why 203.0.113.9", "why 203.0.113.0/24", "why 443", "why I12 --json"),
)
@click.argument("subject", metavar="ADDR|NET|PORT|INCIDENT")
@click.option(
    "--limit", type=click.IntRange(1, 100), default=5, show_default=True, help="Decisions shown."
)
@record
@as_json
def command(subject: str, limit: int, record: Path | None, *, as_json: bool) -> None:
    """Explain what is done about an address, a network, a port or an incident, and on what grounds.

    Reads the record and, where it runs, asks the daemon; works without it.  Exit code: 0 nothing
    is held against it now, 1 it is banned, attacked or under challenge.
    """
    question = understand(subject)
    guards = present_guards() if question.topic is Topic.NETWORK and record is None else {}
    services = present_services() if question.topic is Topic.PORT and record is None else []
    with open_past(record) as history:
        answer = explain(question, history, guards, services)
    if as_json:
        click.echo(json.dumps(answer.as_json(), indent=1))
    else:
        for line in _lines(answer, limit):
            say(line)
    raise SystemExit(_FINDING if answer.finding else 0)


def _lines(answer: Answer, limit: int) -> Iterator[str]:
    if answer.guard:
        yield f"{answer.subject} can never be banned: {answer.guard}"
    for service in answer.services:
        yield _service(service)
    if answer.topic == Topic.NETWORK:
        holding = [ban for ban in answer.bans if ban.ended is None]
        ended = [ban for ban in answer.bans if ban.ended is not None]
        if not holding:
            yield f"{answer.subject} is not banned"
        yield from map(ban_line, holding)
        yield from map(ban_line, ended[:limit])
    for incident in answer.incidents[:limit]:
        yield incident_line(incident)
        yield f"       {peak_line(incident)}"
    for verdict in answer.verdicts[: 1 if answer.topic == Topic.PORT else limit]:
        yield "verdict"
        yield from (f"  {line}" for line in verdict_lines(verdict))
    for decision in answer.decisions[:limit]:
        yield "decision"
        yield from (f"  {line}" for line in decision_lines(decision))
    if len(answer.decisions) > limit:
        yield f"{len(answer.decisions) - limit} older decisions: --limit shows more"
    if answer.empty:
        yield f"nothing is on record about {answer.subject}"


def _service(service: Mapping[str, Any]) -> str:
    if reason := service.get("left_alone"):
        return f"{service['name']} is left alone: {reason}"
    armed_s = service.get("armed_for_s")
    state = armed_text(armed_s if isinstance(armed_s, int | float) else None)
    return (
        f"{service['name']}: {state}, {service['mode']}, by {service['mechanism']};"
        f" {service['pending']} of {service['capacity']} pending (arms above {service['high']})"
    )
