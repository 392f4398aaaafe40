"""Requests a second."""

import numpy as np
import pytest

from floodwall.forensics.partial import Suppressed
from floodwall.forensics.rates import by_second, with_suppressed


def test_seconds_are_counted_and_quiet_ones_are_zero() -> None:
    """Mean over the whole span."""
    rate = by_second(np.array([10.0, 11.0, 13.0, 11.0]), np.array([4, 1, 3, 2]))
    assert (rate.mean, rate.peak, rate.lowest) == (2.5, 4.0, 0.0)
    assert [value for _, value in rate.series] == pytest.approx([4, 3, 0, 3])


def test_suppressed_messages_belong_to_the_time_before_their_line() -> None:
    """The first total is of unknown age: in the mean, in neither extreme."""
    hidden = [Suppressed(0.0, 100, True), Suppressed(5.0, 49, True), Suppressed(15.0, 9, True)]
    rate = with_suppressed(np.array([0.0, 5.0, 15.0]), np.array([1, 1, 1]), hidden)
    assert (rate.mean, rate.peak, rate.lowest) == pytest.approx((161 / 15, 10.0, 1.0))


@pytest.mark.parametrize("times", [[], [float("nan")], [5.0, 5.0]])
def test_without_two_times_there_is_no_rate(times: list[float]) -> None:
    """And the reason is told."""
    rate = with_suppressed(np.array(times), np.ones(len(times), np.int64), [])
    assert rate.mean is None
    assert rate.reason
