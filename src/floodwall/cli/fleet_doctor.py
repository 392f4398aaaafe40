"""`floodwall doctor HOST...`: what is happening on many machines, as one matrix."""

import json
from collections.abc import Mapping
from dataclasses import replace

import click

from floodwall.cli.fleet import Fleet, exit_code
from floodwall.cli.record_lines import say
from floodwall.doctor.report import document, report_lines
from floodwall.fleet.cells import AILMENTS, doctor_cells
from floodwall.fleet.document import fleet_document
from floodwall.fleet.look import examine_host
from floodwall.fleet.matrix import Matrix, Row
from floodwall.fleet.terminal import matrix_lines


def examine_fleet(
    fleet: Fleet, window_s: float, speeds: Mapping[str, int], *, as_json: bool
) -> int:
    """Examine every machine, print what was found, and return the exit code."""
    # The window is spent there, and is no part of the patience.
    wire = replace(fleet.wire, timeout_s=fleet.wire.timeout_s + window_s)
    seconds = round(window_s)
    visits = fleet.visit("examining", lambda host: examine_host(host, wire, seconds, speeds))
    found = {each.host.name: each.result for each in visits if each.result is not None}
    rows = tuple(Row(name, doctor_cells(one.diagnosis)) for name, one in found.items())
    matrix = Matrix(AILMENTS, rows)
    if as_json:
        results = {name: document(one.diagnosis, one.seen) for name, one in found.items()}
        click.echo(json.dumps(fleet_document("doctor", matrix, visits, results), indent=1))
    elif fleet.is_one and found:
        for one in found.values():
            for line in report_lines(one.diagnosis, one.seen):
                say(line)
    else:
        for line in matrix_lines(matrix, visits):
            say(line)
    return exit_code(visits, found=any(one.diagnosis.findings for one in found.values()))
