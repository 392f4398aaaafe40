"""A result: figures beside a baseline that was measured in the same run, as ratios."""

import json
import math
import os
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What one subject took in each turn, in the unit of its table."""

    name: str
    turns: Sequence[float]

    @property
    def median(self) -> float:
        """The figure that counts."""
        return statistics.median(self.turns)

    @property
    def spread(self) -> float:
        """Half of the range of the turns, as a share of the median."""
        return (max(self.turns) - min(self.turns)) / 2 / self.median if self.median else 0.0


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of one measurement; the first row is the baseline."""

    title: str
    unit: str
    rows: Sequence[Row]

    def lines(self) -> list[str]:
        """Return the table as text, with the machine that it was measured on."""
        width = max(len(row.name) for row in self.rows)
        lines = [self.title, f"{machine()}", ""]
        lines.append(f"{'':<{width}} {self.unit:>12} {'spread':>8} {'ratio':>7}  95 %")
        lines += [
            f"{row.name:<{width}} {row.median:>12.1f} {row.spread:>8.0%} {self._ratio(row):>7.2f}"
            f"  {self._range(row)}".rstrip()
            for row in self.rows
        ]
        return lines

    def json(self) -> str:
        """Return the same for machines."""
        rows = [
            {
                "name": row.name,
                "median": row.median,
                "ratio": self._ratio(row),
                "interval": self._interval(row),
                "turns": row.turns,
            }
            for row in self.rows
        ]
        whole = {"title": self.title, "unit": self.unit, "machine": machine(), "rows": rows}
        return json.dumps(whole, default=list, indent=2)

    def _ratio(self, row: Row) -> float:
        base = self.rows[0].median
        return row.median / base if base else 0.0

    def _interval(self, row: Row) -> tuple[float, float] | None:
        """Pair the turns, and return between which of their ratios the true median is."""
        base = self.rows[0].turns
        if len(base) != len(row.turns) or not all(base) or row is self.rows[0]:
            return None
        ratios = sorted(own / other for own, other in zip(row.turns, base, strict=True))
        left_out = _left_out(len(ratios))
        return None if left_out is None else (ratios[left_out], ratios[-1 - left_out])

    def _range(self, row: Row) -> str:
        found = self._interval(row)
        return "" if found is None else f"{found[0]:.2f}-{found[1]:.2f}"


def _left_out(turns: int, sure: float = 0.95) -> int | None:
    """Return how many to leave out at each end, so that the rest holds the median that surely.

    None if even all of them do not.  By the sign test: each turn is above the true median with
    odds of one to one, whatever the noise looks like.
    """
    outside = 0.0
    for number in range(turns):
        outside += 2 * math.comb(turns, number) / 2**turns
        if outside > 1 - sure:
            return number - 1 if number else None
    return None


def machine() -> str:
    """Return what the figures depend on most: kernel, architecture and number of CPUs."""
    system = os.uname()
    return f"Linux {system.release}, {system.machine}, {os.cpu_count()} CPUs"
