"""A figure stands beside the baseline of its own run."""

import json

from benchmarks.table import Row, Table

TABLE = Table("Cost", "ns/packet", [Row("kernel", [100, 300, 200]), Row("floodwall", [50, 60, 40])])


def test_the_first_row_is_the_baseline() -> None:
    """Ratios are of medians."""
    assert TABLE.lines()[-2].split()[-1] == "1.00"
    assert TABLE.lines()[-1].split() == ["floodwall", "50.0", "20%", "0.25"]


def test_the_ratio_of_many_turns_has_an_interval() -> None:
    """Turns are paired, so that what slows both down cancels out; six are the fewest."""
    slower = [100.0, 200, 400, 100, 200, 400]
    rows = [Row("kernel", slower), Row("ours", [each * 1.5 for each in slower])]
    assert Table("t", "n", rows).lines()[-1].endswith("1.50  1.50-1.50")
    many = [Row("kernel", [1.0] * 9), Row("ours", [5.0, 1, 2, 3, 4, 6, 7, 8, 9])]
    assert json.loads(Table("t", "n", many).json())["rows"][1]["interval"] == [2.0, 8.0]
    few = [Row("kernel", slower[:5]), Row("ours", slower[:5])]
    assert json.loads(Table("t", "n", few).json())["rows"][1]["interval"] is None


def test_machines_read_the_same() -> None:
    """With every turn, so that others can judge the spread."""
    rows = json.loads(TABLE.json())["rows"]
    assert [row["ratio"] for row in rows] == [1.0, 0.25]
    assert rows[0]["turns"] == [100, 300, 200]


def test_a_baseline_of_nothing_is_no_error() -> None:
    """A counter that stayed at zero is shown as such."""
    assert Table("t", "n", [Row("a", [0])]).lines()[-1].endswith("0.00")
