"""What was found on many machines, as values for programs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final

from floodwall.fleet.matrix import Matrix
from floodwall.fleet.rounds import Visit

SCHEMA: Final = "floodwall.fleet/1"
"""Name and version; a member that goes or changes its meaning makes a new version."""


def fleet_document(
    verb: str, matrix: Matrix, visits: Sequence[Visit[Any]], results: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the matrix, each machine with its own result, and what went wrong.

    `results` is what the verb prints of one machine, by host.
    """
    rows = {row.host: row for row in matrix.given}
    order = {row.host: number for number, row in enumerate(matrix.rows)}
    hosts = []
    for visit in sorted(visits, key=lambda each: order.get(each.host.name, len(order))):
        row = rows.get(visit.host.name)
        hosts.append(
            {
                "host": visit.host.name,
                "looked_at": row is not None,
                "trouble": None if visit.trouble is None else asdict(visit.trouble),
                "differs": [
                    {"check": each.check, "here": each.here.word, "others": each.usual.word}
                    for each in (matrix.differences(row) if row is not None else ())
                ],
                "result": results.get(visit.host.name),
            }
        )
    return {
        "schema": SCHEMA,
        "verb": verb,
        "looked_at": len(matrix.given),
        "not_looked_at": sum(visit.trouble is not None for visit in visits),
        "differing": [row.host for row in matrix.odd],
        "checks": list(matrix.checks),
        "matrix": {
            row.host: {check: matrix.cell(row, check).word for check in matrix.checks}
            for row in matrix.rows
        },
        "hosts": hosts,
    }
