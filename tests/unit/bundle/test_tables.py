"""The tables of a bundle."""

import csv
import io
from pathlib import Path

import pytest

from floodwall.bundle.tables import (
    decisions_csv,
    events_csv,
    series_csv,
    sources_csv,
    verdicts_csv,
)
from floodwall.bundle.telling import Material
from tests.support.cases import ABUSER, case_in, material_of, write_record


@pytest.fixture
def made(tmp_path: Path) -> Material:
    """Keep a flood whose texts are hostile."""
    return material_of(case_in(write_record(tmp_path, evil=True)))


def rows(content: bytes) -> list[dict[str, str]]:
    """Read a table as a spreadsheet does."""
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_the_series_has_each_second(made: Material) -> None:
    """With all that was sensed."""
    found = rows(series_csv(made.case))

    assert len(found) == 41
    assert found[3]["syns"] == "1000.0"
    assert found[0]["second"] == "0"


def test_verdicts_and_events_are_told(made: Material) -> None:
    """With evidence and interval."""
    (first, *_) = rows(verdicts_csv(made.case))

    assert (first["verdict"], first["spoof_low"], first["spoof_high"]) == (
        "mixed_flood",
        "0.98",
        "0.995",
    )
    assert "syn_rate 90000, limit 1200: 90,000 SYN/s" in first["evidence"]
    assert rows(events_csv(made.case))


def test_decisions_come_with_rule_author_and_outcome(made: Material) -> None:
    """So that others can judge them."""
    found = rows(decisions_csv(made.case))[1]

    assert (found["act"], found["rule"], found["who"]) == ("ban", "limits.concurrent", "floodwall")
    assert found["actions"] == f"Ban {ABUSER}/32: done"


def test_sources_say_why(made: Material) -> None:
    """Each of them."""
    found = rows(sources_csv(made.sources, lambda address: ("XX", f"AS {address}")))

    assert found[0]["source"] == ABUSER
    assert found[0]["network"] == f"AS {ABUSER}"
    assert [row["accused"] for row in found] == ["yes", "yes", "no", "no", "no"]
    assert all(row["why"] for row in found)


def test_no_cell_is_computed(made: Material) -> None:
    """A spreadsheet takes what begins like a formula for one."""
    for table in (decisions_csv(made.case), events_csv(made.case)):
        for row in rows(table):
            for cell in row.values():
                assert not cell.lstrip().startswith(("=", "+", "-", "@"))
        assert b"'=cmd" in table or b": =cmd" in table
        assert b"\x1b" not in table
