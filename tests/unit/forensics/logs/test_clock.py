"""Times of log lines."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from floodwall.forensics.logs.clock import Clock, month_of


def at(*parts: int) -> float:
    """Return a moment in UTC."""
    return datetime(*parts, tzinfo=UTC).timestamp()  # type: ignore[arg-type, misc] # numbers


@pytest.mark.parametrize(
    ("name", "number"),
    [("Feb", 2), ("мар", 3), ("März", 3), ("août", 8), ("мая", 5), ("12月", 12), ("xyz", None)],
)
def test_months_have_names_in_many_languages(name: str, number: int | None) -> None:
    """As `dmesg -T` prints them."""
    assert month_of(name.encode()) == number


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2015-03-07T05:09:30.045015+02:00", at(2015, 3, 7, 3, 9, 30) + 0.045015),
        ("2015-03-07T05:09:30Z", at(2015, 3, 7, 5, 9, 30)),
        ("2015-03-07 05:09:30", at(2015, 3, 7, 5, 9, 30)),
        ("2016-12-31T23:59:60Z", at(2017, 1, 1)),
        ("2015-13-07T05:09:30Z", None),
        ("2015-02-30T05:09:30Z", None),
    ],
)
def test_iso_8601(text: str, moment: float | None) -> None:
    """With and without zone and fraction; leap seconds are the next second."""
    assert Clock(at(2026, 1, 1)).iso(text.encode()) == (moment and pytest.approx(moment, abs=1e-6))


def test_the_year_rolls_over_and_late_lines_do_not_turn_it() -> None:
    """December, January, a late line of December, January."""
    clock = Clock(at(2026, 5, 1))
    clock.last_hint = (1, 1)
    days = [(12, 31), (1, 1), (12, 31), (1, 1)]
    moments = [clock.yearless(*day, (12, 0, 0), 0.0) for day in days]
    assert moments == [
        at(y, *day, 12) for y, day in zip((2025, 2026, 2025, 2026), days, strict=True)
    ]
    assert any("changes" in note for note in clock.assumption().ambiguous)


def test_a_29_february_chooses_a_leap_year() -> None:
    """The newest one."""
    clock = Clock(at(2027, 1, 1))
    assert clock.yearless(2, 29, (1, 2, 3), 0.0) == at(2024, 2, 29, 1, 2, 3)


def test_an_impossible_day_is_told() -> None:
    """When the operator's year has no 29 February."""
    clock = Clock(at(2027, 1, 1), year=2023)
    clock.yearless(2, 29, (0, 0, 0), 0.0)
    assert any("29 February" in note for note in clock.assumption().ambiguous)


def test_an_hour_that_comes_twice_is_read_in_order() -> None:
    """At the end of daylight saving time; and it is told."""
    clock = Clock(at(2026, 1, 1), 2025, ZoneInfo("Europe/Berlin"), "Europe/Berlin")
    times = [(1, 59, 0), (2, 30, 0), (2, 59, 0), (2, 10, 0), (3, 1, 0)]
    moments = [clock.yearless(10, 26, time, 0.0) for time in times]
    assert moments == sorted(moments)
    assert moments[3] - moments[2] == 11 * 60
    assert any("twice" in note for note in clock.assumption().ambiguous)


def test_an_hour_that_never_was_is_told() -> None:
    """At the beginning of daylight saving time."""
    clock = Clock(at(2026, 1, 1), 2025, ZoneInfo("Europe/Berlin"), "Europe/Berlin")
    clock.yearless(3, 30, (2, 30, 0), 0.0)
    assert any("never was" in note for note in clock.assumption().ambiguous)
