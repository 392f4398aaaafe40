"""`floodwall audit HOST...`: the checklist on many machines, as one matrix."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import click

from floodwall.audit.baseline import Baseline
from floodwall.audit.check import Severity
from floodwall.audit.document import as_json as audit_document
from floodwall.audit.report import Report
from floodwall.audit.terminal import report_lines
from floodwall.cli.fleet import Fleet, exit_code
from floodwall.cli.record_lines import say
from floodwall.fleet.cells import AUDITED, audit_cells
from floodwall.fleet.document import fleet_document
from floodwall.fleet.look import audit_host
from floodwall.fleet.matrix import Cell, Matrix, Row
from floodwall.fleet.terminal import matrix_lines


def audit_fleet(
    fleet: Fleet, baseline: Baseline, least: Severity | None, *, everything: bool, as_json: bool
) -> int:
    """Audit every machine, print what was found, and return the exit code."""
    today = datetime.now(UTC).date().isoformat()
    visits = fleet.visit("auditing", lambda host: audit_host(host, fleet.wire, baseline, today))
    reports = {each.host.name: each.result for each in visits if each.result is not None}
    rows = tuple(Row(name, audit_cells(report)) for name, report in reports.items())
    matrix = Matrix(AUDITED, rows, Cell("n/a"))
    if as_json:
        results = {name: audit_document(report) for name, report in reports.items()}
        click.echo(json.dumps(fleet_document("audit", matrix, visits, results), indent=1))
    elif fleet.is_one and reports:
        for line in _full(reports, everything=everything):
            say(line)
    else:
        for line in matrix_lines(matrix, visits):
            say(line)
        if everything:
            for line in _full(reports, everything=True):
                say(line)
    found = least is not None and any(report.findings(least) for report in reports.values())
    return exit_code(visits, found=found, ignore=least is None)


def _full(reports: dict[str, Report], *, everything: bool) -> Iterator[str]:
    for name, report in reports.items():
        yield f"{name}:"
        yield from report_lines(report, everything=everything)
        yield ""
