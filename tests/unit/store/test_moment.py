"""Instants on two clocks."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.model import SECOND_NS
from floodwall.store import moment as module
from floodwall.store.moment import Anchor, Moment, boot_id, carry_over, iso

YEAR_NS = 365 * 86400 * SECOND_NS
NS = st.integers(0, 50 * YEAR_NS)
WALL_NS = st.integers(-10 * YEAR_NS, 200 * YEAR_NS)
MOMENTS = st.builds(Moment, NS, WALL_NS)


def test_within_a_boot_the_wall_clock_does_not_count() -> None:
    """It may be set by years meanwhile."""
    last = Anchor("a", Moment(100, 1_000_000))

    for wall_ns in (0, 1_000_000, 20 * YEAR_NS):
        assert carry_over(700, last, Anchor("a", Moment(200, wall_ns))) == 700


def test_across_boots_the_time_in_between_is_taken_off() -> None:
    """A minute was left, 20 s have passed: 40 s are left."""
    last = Anchor("a", Moment(500 * SECOND_NS, YEAR_NS))
    now = Anchor("b", Moment(9 * SECOND_NS, YEAR_NS + 20 * SECOND_NS))

    assert carry_over(560 * SECOND_NS, last, now) == 49 * SECOND_NS


def test_an_unknown_boot_is_another_one() -> None:
    """Where /proc is silent nothing is taken for the same."""
    last, now = Anchor("", Moment(500, 1000)), Anchor("", Moment(3, 1000))

    assert carry_over(510, last, now) == 13


@given(until_ns=NS, last=MOMENTS, now=MOMENTS)
def test_no_span_ever_grows(until_ns: int, last: Moment, now: Moment) -> None:
    """Whatever the clocks say, not more is left than when it was last seen."""
    left_ns = carry_over(until_ns, Anchor("a", last), Anchor("b", now)) - now.ns

    assert left_ns <= until_ns - last.ns


def test_the_wall_time_of_never_is_none() -> None:
    """0 is until lifted."""
    at = Moment(100, 1000)

    assert at.wall_of(150) == 1050
    assert at.wall_of(0) == 0


def test_this_boot_has_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The kernel gives it; a machine without /proc has none."""
    assert boot_id() == boot_id() != ""
    monkeypatch.setattr(module, "_BOOT_ID", tmp_path / "none")
    assert boot_id() == ""


def test_every_wall_time_can_be_written() -> None:
    """Also what no calendar has."""
    assert iso(1_800_000_000 * SECOND_NS + 5_000_000) == "2027-01-15T08:00:00.005+00:00"
    assert iso(0) == "1970-01-01T00:00:00.000+00:00"
    assert iso(2**63 - 1).endswith("+00:00")
    assert iso(10**21) == "1000000000000 s after 1970"
