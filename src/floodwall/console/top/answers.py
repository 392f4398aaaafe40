"""What `why` answers, as lines of text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from floodwall.console.top.lines import plain

_DECISIONS = 5
_INDENT = "    "
Row = Mapping[str, Any]


def why_lines(answer: Row) -> Iterator[str]:
    """Write everything that is held against something, the newest first."""
    subject = plain(str(answer.get("subject", "")))
    yield f"Why {subject}"
    yield ""
    if guard := answer.get("guard"):
        yield f"{subject} can never be banned: {plain(str(guard))}"
    for ban in _rows(answer, "bans"):
        yield _ban(ban)
    for incident in _rows(answer, "incidents")[:_DECISIONS]:
        ended = f"until {incident.get('closed')}" if incident.get("closed") else "and goes on"
        kind = str(incident.get("kind", "")).replace("_", " ")
        where = f"incident I{incident.get('id')} at {incident.get('service')}"
        yield plain(f"{where}: {kind}, from {incident.get('opened')} {ended}")
    for verdict in _rows(answer, "verdicts")[:1]:
        kind = str(verdict.get("kind", "")).replace("_", " ")
        yield plain(f"verdict at {verdict.get('at')}: {verdict.get('service')}: {kind}")
        yield from _evidence(verdict)
    decisions = _rows(answer, "decisions")
    for decision in decisions[:_DECISIONS]:
        yield from _decision(decision)
    if len(decisions) > _DECISIONS:
        yield f"{len(decisions) - _DECISIONS} older decisions: floodwall why shows them"
    if not any(
        answer.get(name) for name in ("guard", "bans", "incidents", "verdicts", "decisions")
    ):
        yield f"nothing is on record about {subject}"


def _ban(ban: Row) -> str:
    if ban.get("ended"):
        return plain(f"{ban.get('network')} was banned until {ban.get('ended')}: {ban.get('how')}")
    until = f"until {ban['until']}" if ban.get("until") else "until lifted"
    return plain(f"{ban.get('network')} IS BANNED {until}, by rule {ban.get('rule')}")


def _decision(decision: Row) -> Iterator[str]:
    said = decision.get("text") or decision.get("subject")
    yield plain(f"{decision.get('at')}  {decision.get('act')}: {said}")
    until = f", until {decision['until']}" if decision.get("until") else ""
    yield plain(f"{_INDENT}by rule {decision.get('rule')}, by {decision.get('who')}{until}")
    yield from _evidence(decision)
    if undone := decision.get("undone_by"):
        yield plain(f"{_INDENT}undone by: {undone}")


def _evidence(row: Row) -> Iterator[str]:
    for each in _rows(row, "evidence"):
        limit = "" if each.get("limit") is None else f", limit {each['limit']}"
        text = f": {each['text']}" if each.get("text") else ""
        yield plain(f"{_INDENT}evidence: {each.get('name')} {each.get('value')}{limit}{text}")


def _rows(answer: Row, name: str) -> Sequence[Row]:
    rows = answer.get(name)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
