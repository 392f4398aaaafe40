"""A figure stands beside the baseline of its own run."""

import json

from benchmarks.table import Row, Table

TABLE = Table("Cost", "ns/packet", [Row("kernel", [100, 300, 200]), Row("floodwall", [50, 60, 40])])


def test_the_first_row_is_the_baseline() -> None:
    """Ratios are of medians."""
    assert TABLE.lines()[-2].split()[-1] == "1.00"
    assert TABLE.lines()[-1].split() == ["floodwall", "50.0", "20%", "0.25"]


def test_machines_read_the_same() -> None:
    """With every turn, so that others can judge the spread."""
    rows = json.loads(TABLE.json())["rows"]
    assert [row["ratio"] for row in rows] == [1.0, 0.25]
    assert rows[0]["turns"] == [100, 300, 200]


def test_a_baseline_of_nothing_is_no_error() -> None:
    """A counter that stayed at zero is shown as such."""
    assert Table("t", "n", [Row("a", [0])]).lines()[-1].endswith("0.00")
