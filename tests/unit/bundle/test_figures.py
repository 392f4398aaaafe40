"""The numbers of an incident."""

from pathlib import Path

import pytest

from floodwall.bundle.case import Case
from floodwall.bundle.figures import figures_of, points
from floodwall.store.rows import IncidentRow, SampleRow
from tests.support.cases import case_in, write_record

OPENED = "2027-01-15T08:00:00.000+00:00"


def incident(step: int = 1, **peak: float) -> IncidentRow:
    """Return one that goes on."""
    return IncidentRow(1, "*:80", "mixed_flood", "", OPENED, "", None, "", None, step, peak)


def sample(tick: int, **facts: float) -> SampleRow:
    """Return a second of it."""
    return SampleRow(tick, f"2027-01-15T08:{tick // 60 % 60:02}:{tick % 60:02}+00:00", facts)


def test_the_rates_are_those_that_were_on_the_wire(tmp_path: Path) -> None:
    """1,000 SYN/s for 41 s, 900 of them challenged; a canary failed in each tenth second."""
    seen = figures_of(case_in(write_record(tmp_path)))

    assert (seen.rates["syns"].peak, seen.rates["syns"].mean) == (1000, 1000)
    assert seen.rates["syns"].total == 41_000
    assert seen.rates["challenged"].peak == 900
    assert (seen.connected, seen.asked) == (36, 40)
    assert seen.lasted_s == pytest.approx(40)


def test_the_seconds_before_an_incident_are_none_of_it() -> None:
    """They are only drawn."""
    case = Case(incident(), series=[sample(-5, syns=9), sample(0, syns=100), sample(1, syns=300)])

    assert figures_of(case).rates["syns"].mean == 200
    assert len(points(case, "syns")) == 3


def test_a_coarse_series_stands_for_all_seconds() -> None:
    """The peak is that which was kept second by second."""
    case = Case(incident(8, syns=5000), series=[sample(0, syns=100), sample(8, syns=300)])
    rate = figures_of(case).rates["syns"]

    assert (rate.peak, rate.mean, rate.total) == (5000, 200, 3200)


def test_what_was_not_counted_is_absent() -> None:
    """Not zero."""
    seen = figures_of(Case(incident(), series=[sample(0, pending=4)]))

    assert seen.rates == {}
    assert seen.asked == 0


def test_an_incident_without_samples_has_a_beginning() -> None:
    """One that was opened a second ago; and one whose clock is beyond all years has none."""
    seen = figures_of(Case(incident()))
    assert seen.lasted_s == 0
    broken = IncidentRow(1, "*:80", "", "", "9 s after 1970", "", None, "", None, 1, {})
    assert figures_of(Case(broken)).lasted_s is None
