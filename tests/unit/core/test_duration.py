"""Spans of time in words."""

import pytest

from floodwall.core.duration import format_duration, parse_duration
from floodwall.core.errors import ConfigError


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("30s", 30), ("10m", 600), ("1h30m", 5400), ("2D", 172800), ("0.5h", 1800)],
)
def test_spans_are_read(text: str, seconds: float) -> None:
    """Numbers are seconds unless a unit follows."""
    assert parse_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "m", "10 parsecs", "-5m", "1m,2s", "1e3"])
def test_anything_else_is_refused(text: str) -> None:
    """Nothing is guessed."""
    with pytest.raises(ConfigError, match="not a span of time"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.4, "0.4s"), (59.7, "1m"), (545, "9m 5s"), (273600, "3d 4h"), (-3, "0s")],
)
def test_spans_are_written_with_two_units(seconds: float, text: str) -> None:
    """Small parts of large spans are left out."""
    assert format_duration(seconds) == text
