"""Times for readers."""

import pytest

from floodwall.forensics.moments import duration, iso


def test_times_are_iso_8601() -> None:
    """With fractions only where there are any."""
    assert iso(1_077_960_457.0) == "2004-02-28T09:27:37+00:00"
    assert iso(1_077_960_457.25) == "2004-02-28T09:27:37.250+00:00"
    assert iso(12.5, relative=True) == "PT12.500S"


@pytest.mark.parametrize("at", [None, float("nan"), 1e300, -1e18])
def test_no_time_is_none(at: float | None) -> None:
    """Also where no calendar reaches."""
    assert iso(at) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0 s"), (0.44, "0.44 s"), (6_827.0, "1 h 53 min 47 s"), (90_000.0, "1 d 1 h")],
)
def test_durations_are_read_aloud(seconds: float, text: str) -> None:
    """In days, hours, minutes and seconds."""
    assert duration(seconds) == text
