"""Where in the address space sources lie."""

import numpy as np

from floodwall.core.address import parse_address
from floodwall.forensics.evidence import words_of
from floodwall.forensics.finding import Space
from floodwall.forensics.space import spaces_of


def spaces(*sources: tuple[str, int]) -> dict[str, Space]:
    """Return the spaces of sources and their requests, by network."""
    words = np.array([words_of(parse_address(name)) for name, _ in sources], np.uint64)
    counts = np.array([count for _, count in sources], np.int64)
    return {space.network: space for space in spaces_of(words[:, 0], words[:, 1], counts)}


def busy(space: Space) -> dict[int, int]:
    """Return the parts that hold anything."""
    return {part: count for part, count in enumerate(space.parts) if count}


def test_sources_from_everywhere_are_shown_by_their_first_byte() -> None:
    """256 parts of the whole space."""
    found = spaces(("192.0.2.1", 2), ("203.0.113.9", 3), ("203.9.1.1", 4))
    assert busy(found["0.0.0.0/0"]) == {192: 2, 203: 7}
    assert len(found["0.0.0.0/0"].parts) == 256


def test_near_sources_are_shown_nearer() -> None:
    """Down to the last byte of one network."""
    found = spaces(("203.0.113.9", 3), ("203.0.113.200", 1))
    assert busy(found["203.0.113.0/24"]) == {9: 3, 200: 1}
    assert busy(spaces(("203.0.113.9", 3))["203.0.113.0/24"]) == {9: 3}


def test_families_are_shown_apart() -> None:
    """Of IPv6 only down to the networks of sites."""
    found = spaces(("203.0.113.9", 1), ("2001:db8:0:1::7", 2), ("2001:db8:0:9::7", 3))
    assert set(found) == {"203.0.113.0/24", "2001:db8::/56"}
    assert busy(found["2001:db8::/56"]) == {1: 2, 9: 3}


def test_no_sources_have_no_place() -> None:
    """Nothing is drawn of nothing."""
    none = np.zeros(0, np.uint64)
    assert spaces_of(none, none, np.zeros(0, np.int64)) == ()
