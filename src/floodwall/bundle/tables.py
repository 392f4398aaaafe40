"""The bundle's tables as comma-separated values (RFC 4180), harmless to spreadsheets."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from floodwall.bundle.case import Case, told
from floodwall.bundle.sources import Source
from floodwall.forensics.outputs.table import Place, harmless

_TEXT = 2_000
Cell = str | int | float | None


def series_csv(case: Case) -> bytes:
    """Write each second with all facts that were sensed in it; what was not is empty."""
    names = sorted({name for row in case.series for name in row.facts})
    rows = ([row.at, row.tick, *(row.facts.get(name) for name in names)] for row in case.series)
    return _table(("at", "second", *names), rows)


def verdicts_csv(case: Case) -> bytes:
    """Write what the service was said to go through, with the evidence."""
    rows = (
        [
            row.at,
            row.service,
            row.kind,
            row.confidence,
            *(row.spoof_index or ("", "", "")),
            _facts(row.evidence),
            row.advice,
        ]
        for row in case.verdicts
    )
    heads = ("at", "service", "verdict", "confidence", "spoof_index", "spoof_low", "spoof_high")
    return _table((*heads, "evidence", "advice"), rows)


def decisions_csv(case: Case) -> bytes:
    """Write what was decided, by which rule, on what evidence, and what came of it."""
    rows = (
        [
            row.at,
            row.act,
            row.subject,
            row.rule,
            row.who,
            row.text,
            row.until,
            row.undone_by,
            _facts(row.evidence),
            "; ".join(f"{each.command} {each.subject}: {each.state}" for each in row.actions),
        ]
        for row in case.decisions
    )
    heads = ("at", "act", "subject", "rule", "who", "text", "until", "undone_by")
    return _table((*heads, "evidence", "actions"), rows)


def events_csv(case: Case) -> bytes:
    """Write the course of events."""
    return _table(("at", "kind", "text"), ([row.at, row.kind, row.text] for row in case.events))


def sources_csv(sources: Iterable[Source], place: Place) -> bytes:
    """Write every source that a decision names, accused or not, and why."""
    heads = ("source", "prefix", "accused", "why", "rule", "first", "last", "decisions", "banned")
    return _table((*heads, "country", "network"), _sources(sources, place))


def _sources(sources: Iterable[Source], place: Place) -> Iterator[list[Cell]]:
    for one in sources:
        first, last = one.decisions[0], one.decisions[-1]
        yield [
            str(one.network) if one.network.num_addresses > 1 else str(one.address),
            one.prefix,
            "yes" if one.accused else "no",
            one.why,
            first.rule,
            first.at,
            last.at,
            len(one.decisions),
            "yes" if one.banned else "no",
            *place(one.address),
        ]


def _facts(evidence: Sequence[Any]) -> str:
    return "; ".join(map(told, evidence))


def _table(heads: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    page = io.StringIO()
    lines = csv.writer(page, lineterminator="\r\n")
    lines.writerow(heads)
    for row in rows:
        lines.writerow([_cell(value) for value in row])
    return page.getvalue().encode()


def _cell(value: Cell) -> Cell:
    if isinstance(value, str):
        return harmless(value, _TEXT)
    return "" if value is None else value
