"""Numbers for people."""

import pytest

from floodwall.console.top.amounts import amount, bits, clock, milliseconds, share


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0, "0"),
        (48_254.4, "48,254"),
        (99_999, "99,999"),
        (123_456, "123k"),
        (1_234_567, "1.23M"),
        (2.5e9, "2.5G"),
        (1e13, "over 1000G"),
    ],
)
def test_an_amount_has_few_columns(value: float | None, text: str) -> None:
    """And as many digits as one reads aloud."""
    assert amount(value) == text
    assert len(amount(value)) <= 10


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0, "0 bit/s"),
        (999, "999 bit/s"),
        (31_200_000, "31.2 Mbit/s"),
        (1e10, "10 Gbit/s"),
        (1e15, "over 1 Tbit/s"),
    ],
)
def test_volume_has_its_unit(value: float | None, text: str) -> None:
    """In steps of a thousand."""
    assert bits(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        (0.0, "0 %"),
        (0.004, "<1 %"),
        (0.31, "31 %"),
        (0.998, "99.8 %"),
        (0.99999, "99.9 %"),
        (1.0, "100 %"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(value: float | None, text: str) -> None:
    """A little is not 0 %, nearly all is not 100 %."""
    assert share(value) == text


def test_times_are_told() -> None:
    """One that no clock has, too."""
    assert milliseconds(0.0834) == "0.0834 ms"
    assert milliseconds(None) == "-"
    assert clock(1_800_000_000) == "08:00:00 UTC"
    assert clock(1e30) == "at an unknown time"
