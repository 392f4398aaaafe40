"""Shares and how sure they are."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.proportion import odds, unanswered_share, wilson

COUNTS = st.integers(0, 10**9)


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_intervals_are_those_of_the_literature(
    part: int, whole: int, low: float, high: float
) -> None:
    """Four examples that everybody computes."""
    interval = wilson(part, whole)

    assert interval.low == pytest.approx(low, abs=5e-5)
    assert interval.high == pytest.approx(high, abs=5e-5)


def test_nothing_counted_is_nothing_known() -> None:
    """The share of none may be anything."""
    assert (wilson(0, 0).low, wilson(0, 0).high) == (0.0, 1.0)
    assert unanswered_share(0, 0, 0) is None


@given(COUNTS, COUNTS)
def test_the_share_lies_in_its_interval(one: int, other: int) -> None:
    """However few or many."""
    found = wilson(min(one, other), max(one, other))

    assert 0 <= found.low <= found.value <= found.high <= 1


@given(COUNTS, COUNTS, COUNTS)
def test_what_is_on_its_way_widens_the_interval(asked: int, lately: int, answered: int) -> None:
    """The low end counts only questions that are old enough."""
    found = unanswered_share(asked, min(asked, lately), answered)
    later = unanswered_share(asked, 0, answered)

    if found is not None and later is not None:
        assert 0 <= found.low <= later.low <= later.value <= found.high <= 1


def test_a_question_of_this_moment_proves_nothing() -> None:
    """All asked just now, none answered: anything is possible."""
    found = unanswered_share(1000, 1000, 0)

    assert found is not None
    assert (found.low, found.value) == (0.0, 1.0)


def test_odds_have_an_end() -> None:
    """Certainty is a thousand to one."""
    assert [1.0, pytest.approx(9.0), 1000.0] == [odds(0.5), odds(0.9), odds(1.0)]
