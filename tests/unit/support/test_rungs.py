"""The closing screen of bin/test tells the truth."""

from pathlib import Path

import pytest

from tests import rungs
from tests.rungs import Result, Tally

JUNIT = '<testsuites><testsuite tests="{}" failures="{}" errors="{}" skipped="{}"/></testsuites>'


def test_the_last_line_counts_all_rungs() -> None:
    """In the words that pytest uses."""
    results = [Result("unit", Tally(7, 0), 1.0), Result("lab", Tally(2, 1, 4), 2.0)]
    assert rungs.summary(results)[-1] == "9 passed, 1 failed"


def test_a_rung_that_ran_nothing_has_failed() -> None:
    """An empty folder is no success."""
    lines = rungs.summary([Result("lab", Tally(0, 0), 0.1)])
    assert lines[1].endswith("FAILED: no case ran")
    assert lines[-1] == "0 passed, 1 failed"


def test_a_rung_of_skips_has_failed() -> None:
    """What was skipped did not run."""
    assert not Tally(0, 0, 12).good


@pytest.mark.parametrize(
    ("report", "tally"),
    [((9, 0, 0, 2), Tally(7, 0, 2)), ((9, 1, 2, 0), Tally(6, 3, 0)), ((0, 0, 0, 0), Tally(0, 0))],
)
def test_a_report_is_counted(
    report: tuple[int, int, int, int], tally: Tally, tmp_path: Path
) -> None:
    """Errors in fixtures are failures."""
    path = tmp_path / "report.xml"
    path.write_text(JUNIT.format(*report))
    assert rungs.read_report(path) == tally


def test_a_report_that_was_never_written_is_a_failure(tmp_path: Path) -> None:
    """A pytest that dies does not pass."""
    assert rungs.read_report(tmp_path / "none.xml") == Tally(0, 1)


def test_all_rungs_are_climbed_even_if_one_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """A whole picture is worth the time."""
    table = {"unit": lambda: Tally(1, 1), "lab": lambda: Tally(3, 0)}
    results = rungs.climb(["unit", "lab"], table)
    assert [result.tally for result in results] == [Tally(1, 1), Tally(3, 0)]
    assert "== lab ==" in capsys.readouterr().out


def test_a_rung_that_does_not_exist_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the names of those that do."""
    with pytest.raises(SystemExit) as stopped:
        rungs.main(["labb"])
    assert stopped.value.code == 2
    assert "there are quick, format, lint" in capsys.readouterr().err
