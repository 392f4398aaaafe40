"""Figures as people read them."""

import pytest

from floodwall.core.verdict import Kind
from floodwall.lab import words


@pytest.mark.parametrize(
    ("share", "text"), [(None, "-"), (1.0, "100%"), (0.0, "0%"), (0.9999, "99.9%"), (0.5, "50.0%")]
)
def test_only_all_is_a_hundred_percent(share: float | None, text: str) -> None:
    """Nothing is rounded up to perfect."""
    assert words.percent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "-"), (3.0, "3.00"), (256.0, "256"), (5e4, "50.0 k"), (7e6, "7.00 M")],
)
def test_rates_have_three_digits(value: float | None, text: str) -> None:
    """With a letter for thousands and millions."""
    assert words.rate(value) == text


def test_who_never_connected_is_said_so() -> None:
    """Three seconds are the limit, not a measurement."""
    assert [words.wait(4000.0), words.wait(None), words.wait(12.34)] == ["never", "-", "12.3"]


def test_a_verdict_is_in_words() -> None:
    """A dash where there is none."""
    kinds = (Kind.SYN_SCAN, Kind.REFLECTION, Kind.SLOW_APPLICATION, None)

    assert [words.verdict(kind) for kind in kinds] == [
        "SYN scan", "SYN-ACK reflection", "slow application", "-",
    ]  # fmt: skip


def test_units_are_added_where_asked_for() -> None:
    """And nowhere else."""
    assert [words.seconds(5.0, " s"), words.milliseconds(0.5)] == ["5.00 s", "0.50"]
