"""The numbers behind arming."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.arming import (
    half_open_lifetime_s,
    initial_window,
    marks,
    queue_capacity,
    window_scale,
)
from floodwall.core.model import StackLimits


@pytest.mark.parametrize(
    ("backlog", "somaxconn", "syn_backlog", "syncookies", "capacity"),
    [
        (511, 4096, 512, 1, 511),
        (511, 128, 512, 1, 128),
        (511, 4096, 512, 0, 384),
        (511, 4096, 4, 0, 3),
        (0, 4096, 512, 1, 1),
    ],
)
def test_capacity_is_the_smallest_limit(
    backlog: int, somaxconn: int, syn_backlog: int, syncookies: int, capacity: int
) -> None:
    """The last quarter of tcp_max_syn_backlog counts only while cookies are off."""
    stack = StackLimits(
        somaxconn=somaxconn, tcp_max_syn_backlog=syn_backlog, tcp_syncookies=syncookies
    )

    assert queue_capacity(backlog, stack) == capacity


@pytest.mark.parametrize(
    ("capacity", "expected"), [(1, (1, 1)), (8, (4, 1)), (128, (64, 16)), (511, (255, 63))]
)
def test_marks_are_half_and_an_eighth(capacity: int, expected: tuple[int, int]) -> None:
    """By default a service arms above half of its queue and calms below an eighth."""
    assert marks(capacity, 0.5, 0.125) == expected


@given(st.integers(1, 10**6), st.floats(0.01, 0.95), st.floats(0.001, 0.5))
def test_marks_are_ordered_and_positive(capacity: int, high_share: float, low_share: float) -> None:
    """No setting makes low exceed high, or either vanish."""
    high, low = marks(capacity, high_share, low_share)

    assert 1 <= low <= high <= capacity


@pytest.mark.parametrize(("retries", "seconds"), [(0, 1), (1, 3), (5, 63), (7, 247)])
def test_lifetime_is_the_sum_of_the_waits(retries: int, seconds: int) -> None:
    """Waits double from one second up to 120."""
    assert half_open_lifetime_s(retries) == seconds


@pytest.mark.parametrize(
    ("buffer", "mss", "window"), [(131072, 1460, 64240), (4096, 1460, 1460), (1, 1460, 1460)]
)
def test_window_is_half_the_buffer_in_whole_segments(buffer: int, mss: int, window: int) -> None:
    """The default buffer announces 64240 bytes, as Linux does."""
    assert initial_window(buffer, mss) == window


@given(st.integers(0, 2**31), st.integers(536, 65495))
def test_window_fits_its_field(buffer: int, mss: int) -> None:
    """The window of a SYN-ACK is 16 bits wide."""
    assert 0 < initial_window(buffer, mss) <= 65535


@pytest.mark.parametrize(
    ("buffer", "scale"), [(6291456, 7), (65535, 0), (65536, 1), (2**31 - 1, 14), (0, 0)]
)
def test_window_scale_is_the_kernels(buffer: int, scale: int) -> None:
    """Six megabytes give a scale of 7; RFC 7323 allows 14 at most."""
    assert window_scale(buffer) == scale
