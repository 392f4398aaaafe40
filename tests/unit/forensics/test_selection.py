"""What part of the evidence is wanted."""

import pytest

from floodwall.core.address import parse_network
from floodwall.forensics.evidence import Flag
from floodwall.forensics.selection import Selection
from tests.support.evidence import segments

ROWS = segments(
    (1.0, "192.0.2.1", 4_000, "198.51.100.1", 80, Flag.SYN),
    (2.0, "198.51.100.1", 80, "192.0.2.1", 4_000, Flag.SYN | Flag.ACK),
    (3.0, "192.0.3.1", 4_000, "198.51.100.1", 443, Flag.SYN),
    (float("nan"), "2001:db8::5", 4_000, "2001:db8::1", 80, Flag.SYN),
)


@pytest.mark.parametrize(
    ("selection", "kept"),
    [
        (Selection(), [0, 1, 2, 3]),
        (Selection(since=2.0), [1, 2, 3]),
        (Selection(until=2.0), [0, 1, 3]),
        (Selection(ports=(80,)), [0, 1, 3]),
        (Selection(sources=(parse_network("192.0.2.0/24"),)), [0, 1]),
        (Selection(sources=(parse_network("2001:db8::/126"),)), [3]),
        (Selection(sources=(parse_network("2001:db8::/32"),)), [3]),
        (Selection(sources=(parse_network("0.0.0.0/0"),)), [0, 1, 2]),
    ],
)
def test_bounds_ports_and_sources(selection: Selection, kept: list[int]) -> None:
    """Both directions of what is wanted stay; an unknown time is within all bounds."""
    chosen = selection.of(ROWS)
    assert chosen["port"].tolist() == ROWS[kept]["port"].tolist()
    assert chosen["flags"].tolist() == ROWS[kept]["flags"].tolist()
