"""A result: figures beside a baseline that was measured in the same run, as ratios."""

import json
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
        lines.append(f"{'':<{width}} {self.unit:>12} {'spread':>8} {'ratio':>7}")
        lines += [
            f"{row.name:<{width}} {row.median:>12.1f} {row.spread:>8.0%} {self._ratio(row):>7.2f}"
            for row in self.rows
        ]
        return lines

    def json(self) -> str:
        """Return the same for machines."""
        rows = [
            {"name": row.name, "median": row.median, "ratio": self._ratio(row), "turns": row.turns}
            for row in self.rows
        ]
        whole = {"title": self.title, "unit": self.unit, "machine": machine(), "rows": rows}
        return json.dumps(whole, default=list, indent=2)

    def _ratio(self, row: Row) -> float:
        base = self.rows[0].median
        return row.median / base if base else 0.0


def machine() -> str:
    """Return what the figures depend on most: kernel, architecture and number of CPUs."""
    system = os.uname()
    return f"Linux {system.release}, {system.machine}, {os.cpu_count()} CPUs"
