"""What is usual."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.baseline import HOURS, Baseline, Season, hour_of_week


def learned(*values: float) -> Baseline:
    """Learn a second from each value."""
    found = Baseline()
    for value in values:
        found = found.learn(value)
    return found


def test_level_and_spread_are_those_of_the_values() -> None:
    """An hour of normal values."""
    draw = Random(1)
    found = learned(*(draw.gauss(100, 10) for _ in range(3600)))

    assert pytest.approx(100, rel=0.03) == found.level
    assert pytest.approx(10, rel=0.1) == found.spread
    assert 130 < found.high() < 150


def test_the_first_value_is_the_level() -> None:
    """Nothing better is known; it is not to be trusted before ten seconds."""
    assert (learned(42).level, learned(42).spread, learned(42).is_ready) == (42.0, 0.0, False)
    assert learned(*[42] * 10).is_ready


@given(st.floats(0, 1e9))
def test_one_value_moves_it_little(wild: float) -> None:
    """An attacker needs patience: a value of any size moves it by 3 spreads in 900 seconds."""
    before = learned(*[100.0] * 1000)
    after = before.learn(wild)

    assert abs(after.level - before.level) <= 3 * 10 / 900 + 1e-9


def test_a_new_level_is_learned_in_time() -> None:
    """What stays is the usual, after an hour or so."""
    assert learned(*[100.0] * 1000, *[200.0] * 5400).level > 190


def test_values_come_with_their_time() -> None:
    """Ten seconds at once are as much as ten times one."""
    assert pytest.approx(learned(*[7.0] * 10).level) == Baseline().learn(7, 10).level
    assert learned(*[7.0] * 10).seconds == Baseline().learn(7, 10).seconds


def test_an_hour_leaves_its_level_for_the_next_week() -> None:
    """The hour that is under way is compared with itself and with the one that follows."""
    season = Season().enter(8, 5.0).enter(9, 300.0).enter(10, 200.0)
    a_week_later = season.enter(7, 9.0)

    assert a_week_later.expected() == 300.0
    assert Season().expected() is None


def test_weeks_are_averaged() -> None:
    """One odd week does not make the next."""
    season = Season().enter(8, 0.0).enter(9, 100.0).enter(8, 0.0).enter(9, 200.0)

    assert pytest.approx(130.0) == season.levels[8]
    assert len(season.levels) == HOURS


def test_a_clock_that_stands_still_changes_nothing() -> None:
    """Within an hour nothing is left."""
    season = Season().enter(8, 5.0)

    assert season.enter(8, 9.0) is season


@pytest.mark.parametrize(
    ("wall_s", "hour"),
    [(None, None), (0.0, 72), (4 * 86400.0, 0), (4 * 86400.0 - 1, 167), (4 * 86400.0 + 3600, 1)],
)
def test_hours_of_the_week_begin_on_monday(wall_s: float | None, hour: int | None) -> None:
    """1970 began on a Thursday."""
    assert hour_of_week(wall_s) == hour
