"""Hosts by checks, and which host is unlike the others; pure."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, slots=True)
class Cell:
    """What one check says of one host."""

    word: str
    """What is compared with other hosts."""
    weight: int = 0
    """How bad it is; 0 is nothing to act on."""
    text: str = ""
    fix: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What all checks say of one host."""

    host: str
    cells: Mapping[str, Cell]


@dataclass(frozen=True, slots=True)
class Difference:
    """A check of which a host differs, and what it says of most."""

    check: str
    here: Cell
    usual: Cell

    @property
    def gravity(self) -> int:
        """Return how much is at stake: the one that differs may be the only good one."""
        return max(self.here.weight, self.usual.weight)


@dataclass(frozen=True)
class Matrix:
    """All of it."""

    checks: tuple[str, ...]
    """In the order of their declaration."""
    given: tuple[Row, ...]
    absent: Cell = field(default=Cell(""))
    """What a check says of a host that it does not name."""

    @cached_property
    def usual(self) -> Mapping[str, Cell]:
        """Return what each check says of most hosts; of two equal halves, that of the better."""
        return {check: self._usual(check) for check in self.checks}

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """Return the hosts, the one that differs most first, then by how bad they are."""
        return tuple(sorted(self.given, key=self._place))

    def cell(self, row: Row, check: str) -> Cell:
        """Return what a check says of a host."""
        return row.cells.get(check, self.absent)

    def differences(self, row: Row) -> list[Difference]:
        """Return what a host differs in from most others, the gravest first."""
        found = [
            Difference(check, self.cell(row, check), self.usual[check])
            for check in self.checks
            if self.cell(row, check).word != self.usual[check].word
        ]
        return sorted(found, key=lambda each: -each.gravity)

    @cached_property
    def odd(self) -> tuple[Row, ...]:
        """Return the hosts that differ in something that is worth acting on."""
        return tuple(
            row for row in self.rows if any(each.gravity for each in self.differences(row))
        )

    def common(self) -> Iterator[tuple[str, Cell, int]]:
        """Yield what most hosts have and should not, the worst first, with how many have it."""
        for check in sorted(self.checks, key=lambda each: -self.usual[each].weight):
            usual = self.usual[check]
            if usual.weight:
                yield check, usual, self._count(check, usual.word)

    def told(self) -> tuple[str, ...]:
        """Return the checks in which there is anything to act on, or a difference."""
        return tuple(
            check
            for check in self.checks
            if any(self.cell(row, check).weight for row in self.given)
            or self._count(check, self.usual[check].word) < len(self.given)
        )

    def alike(self, checks: Sequence[str]) -> Iterator[tuple[tuple[str, ...], Row]]:
        """Yield the rows, those that say the same in these checks together."""
        together: dict[tuple[str, ...], list[Row]] = {}
        for row in self.rows:
            key = tuple(self.cell(row, check).word for check in checks)
            together.setdefault(key, []).append(row)
        for rows in together.values():
            yield tuple(row.host for row in rows), rows[0]

    def _usual(self, check: str) -> Cell:
        cells = [self.cell(row, check) for row in self.given]
        if not cells:
            return self.absent
        count = Counter(cell.word for cell in cells)
        return min(cells, key=lambda cell: (-count[cell.word], cell.weight))

    def _count(self, check: str, word: str) -> int:
        return sum(self.cell(row, check).word == word for row in self.given)

    def _place(self, row: Row) -> tuple[int, int, int, int]:
        found = self.differences(row)
        return (
            -max((each.gravity for each in found), default=0),
            -sum(each.gravity for each in found),
            -len(found),
            -sum(self.cell(row, check).weight for check in self.checks),
        )
