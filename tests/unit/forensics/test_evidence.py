"""The words of forensics."""

from math import isnan

import pytest

from floodwall.core.address import parse_address
from floodwall.forensics.evidence import address_of, blank, words_of


@pytest.mark.parametrize("text", ["192.0.2.1", "2001:db8::1", "::1"])
def test_an_address_survives_its_two_words(text: str) -> None:
    """Of either family."""
    assert str(address_of(*words_of(parse_address(text)))) == text


def test_the_unknown_address_is_none() -> None:
    """Two words of 0."""
    assert address_of(0, 0) is None


def test_blank_segments_count_once_and_have_no_time() -> None:
    """Until somebody says otherwise."""
    made = blank(3)
    assert made["weight"].tolist() == [1, 1, 1]
    assert all(isnan(at) for at in made["at"].tolist())
