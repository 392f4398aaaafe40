"""The colours of the page."""

import re

import pytest

from floodwall.forensics.outputs.page_style import DARK, LEVELS, LIGHT, STYLE


def brightness(colour: str) -> float:
    """Return the relative luminance of a colour, WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours, WCAG 2.2."""
    dark, bright = sorted((brightness(one), brightness(other)))
    return (bright + 0.05) / (dark + 0.05)


def test_the_ratio_is_that_of_the_standard() -> None:
    """Black on white is 21 to 1."""
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ink", ["ink", "soft", "attack", "calm"])
def test_text_can_be_read(palette: dict[str, str], ink: str) -> None:
    """4.5 to 1 on every ground, success criterion 1.4.3."""
    assert contrast(palette[ink], palette["paper"]) >= 4.5
    assert contrast(palette[ink], palette["card"]) >= 4.5


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_bars_can_be_seen(palette: dict[str, str]) -> None:
    """3 to 1, success criterion 1.4.11."""
    assert contrast(palette["fill"], palette["card"]) >= 3


def test_both_palettes_name_the_same_and_all_that_is_used() -> None:
    """No colour is missing at night."""
    used = set(re.findall(r"var\(--([a-z]+)\)", STYLE))
    assert used == set(LIGHT) == set(DARK)


def test_the_style_is_balanced_and_loads_nothing() -> None:
    """And it has a rule for each level of heat, for the night, and for paper."""
    assert STYLE.count("{") == STYLE.count("}")
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert all(f".h{level}{{" in STYLE for level in range(LEVELS + 1))
    assert "@media print" in STYLE
    assert "prefers-color-scheme:dark" in STYLE
