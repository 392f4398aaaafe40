"""The matrix as lines for a terminal: the machine that differs first.

Law: what comes from other machines is made harmless by whoever prints these lines.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from floodwall.fleet.matrix import Difference, Matrix, Row
from floodwall.fleet.rounds import Visit

_LETTERS = {"pass": ".", "": ".", "n/a": "-", "unread": "?", "accepted": "a"}
_LEGEND = {
    "C": "critical", "H": "high", "M": "medium", "W": "warning", "L": "low", "I": "info",
    "*": "to be changed", ".": "well", "-": "not applicable", "?": "not read", "a": "accepted",
}  # fmt: skip
_MOST_TOLD = 20
_MOST_ROWS = 200
_NAMES = 44


def matrix_lines(matrix: Matrix, visits: Sequence[Visit[Any]]) -> Iterator[str]:
    """Yield who differs and in what, what is common, the matrix, and who was not looked at."""
    yield head_line(matrix, visits)
    for row in matrix.odd[:_MOST_TOLD]:
        yield from _odd(matrix, row)
    if len(matrix.odd) > _MOST_TOLD:
        yield f"... and {len(matrix.odd) - _MOST_TOLD} more that differ, see the matrix"
    yield from _common(matrix)
    yield from _table(matrix)
    yield from trouble_lines(visits)


def head_line(matrix: Matrix, visits: Sequence[Visit[Any]]) -> str:
    """Return the result in one line."""
    missed = sum(visit.trouble is not None for visit in visits)
    looked = f"{_machines(len(matrix.given))} looked at"
    if missed:
        looked += f", {missed} not"
    if matrix.given and not matrix.told():
        return f"{looked}: nothing found"
    if len(matrix.given) < 2:
        return looked
    if not matrix.odd:
        return f"{looked}: they are alike"
    names = _some([row.host for row in matrix.odd])
    return f"{looked}: {names} {'differs' if len(matrix.odd) == 1 else 'differ'} from the others"


def trouble_lines(visits: Sequence[Visit[Any]]) -> Iterator[str]:
    """Yield the machines that could not be looked at, and what to do about it."""
    missed = [visit for visit in visits if visit.trouble is not None]
    if missed:
        yield ""
        yield "not looked at:"
    for visit in missed:
        if visit.trouble is not None:
            yield f"  {visit.host.name}: {visit.trouble.kind}: {visit.trouble.text}"
            if visit.trouble.hint:
                yield f"    {visit.trouble.hint}"


def _odd(matrix: Matrix, row: Row) -> Iterator[str]:
    yield ""
    yield row.host
    for each in matrix.differences(row):
        yield from _difference(each)


def _difference(each: Difference) -> Iterator[str]:
    if not each.gravity:
        return
    others = each.usual.word or "well"
    here = each.here.word or "well"
    told = f": {_first(each.here.text)}" if each.here.text else ""
    yield f"  {here:<9} {each.check}{told}   (others: {others})"
    if each.here.fix:
        yield f"            fix: {each.here.fix}"


def _common(matrix: Matrix) -> Iterator[str]:
    found = list(matrix.common())
    if not found:
        return
    yield ""
    yield "most have:" if len(matrix.given) > 1 else "it has:"
    for check, cell, count in found:
        yield f"  {cell.word:<9} {check} ({count} of {len(matrix.given)}): {_first(cell.text)}"


def _table(matrix: Matrix) -> Iterator[str]:
    """Yield a letter for each host and check, and what the letters and numbers stand for."""
    checks = matrix.told()
    if not checks or len(matrix.given) < 2:
        return
    rows = [
        (label(hosts), [_letter(matrix, row, check) for check in checks])
        for hosts, row in matrix.alike(checks)
    ]
    width = max(len(name) for name, _ in rows)
    yield ""
    yield f"{'':<{width}}  {' '.join(f'{number:>2}' for number in range(1, len(checks) + 1))}"
    for name, letters in rows[:_MOST_ROWS]:
        yield f"{name:<{width}}  {' '.join(f'{letter:>2}' for letter in letters)}"
    if len(rows) > _MOST_ROWS:
        yield f"... and {len(rows) - _MOST_ROWS} more rows, all of them with --json"
    yield ""
    yield "  ".join(f"{number} {check}" for number, check in enumerate(checks, 1))
    used = {letter for _, letters in rows for letter in letters}
    yield ", ".join(f"{letter} {text}" for letter, text in _LEGEND.items() if letter in used)


def _letter(matrix: Matrix, row: Row, check: str) -> str:
    cell = matrix.cell(row, check)
    letter = _LETTERS.get(cell.word, cell.word[:1].upper())
    return letter if letter in _LEGEND else "*"


def label(hosts: Sequence[str]) -> str:
    """Return how machines that are alike are called together."""
    if len(hosts) == 1:
        return hosts[0]
    return f"{_some(hosts)} ({len(hosts)} alike)"


def _some(names: Sequence[str]) -> str:
    """Return as many names as fit."""
    shown = ""
    for number, name in enumerate(names):
        longer = f"{shown}, {name}" if shown else name
        if shown and len(longer) > _NAMES:
            return f"{shown} and {len(names) - number} more"
        shown = longer
    return shown


def _machines(count: int) -> str:
    return f"{count} machine" if count == 1 else f"{count} machines"


def _first(text: str) -> str:
    return text.partition("\n")[0]
