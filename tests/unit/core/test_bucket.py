"""A token bucket."""

from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.bucket import Bucket
from floodwall.core.model import SECOND_NS


def test_a_burst_then_the_rate() -> None:
    """Ten at once, then two a second."""
    bucket = Bucket.full(2, 10, 0)
    for _ in range(10):
        assert bucket.wait_ns() == 0
        bucket = bucket.spent()

    assert SECOND_NS // 2 <= bucket.wait_ns() <= SECOND_NS // 2 + 1
    assert bucket.refilled(SECOND_NS // 2 + 1).wait_ns() == 0


@given(st.lists(st.integers(-(10**12), 10**12), max_size=30), st.floats(0.1, 1e4))
def test_it_never_gives_more_than_a_burst(times: list[int], rate: float) -> None:
    """Whatever the clock does."""
    bucket = Bucket.full(rate, 5, 0)
    for now_ns in times:
        bucket = bucket.refilled(now_ns)
        assert bucket.tokens <= 5
        bucket = bucket.spent()


@given(st.floats(0.1, 1e4), st.floats(-50, 0.99))
def test_waiting_is_enough(rate: float, tokens: float) -> None:
    """After the time that it names there is a token."""
    bucket = Bucket(rate, 100, tokens, 0)
    assert bucket.refilled(bucket.wait_ns()).tokens >= 1 - 1e-6
