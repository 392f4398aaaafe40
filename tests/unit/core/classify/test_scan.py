"""SYN scans, and floods that only look like one."""

from floodwall.core.classify.scan import find_closed_port_flood, find_scan
from floodwall.core.verdict import Kind


def test_half_of_a_quick_scan_is_enough() -> None:
    """Fifty probes in ten seconds, if next to nothing is usual."""
    found = find_scan(50, 10.0, 0.2, 1)

    assert find_scan(49, 10.0, 0.2, 1) is None
    assert found is not None
    assert (found.kind, found.confidence) == (Kind.SYN_SCAN, 0.5)


def test_noise_is_no_scan() -> None:
    """What always comes, and what comes to each of many addresses."""
    assert find_scan(700, 10.0, 10.0, 1) is None
    assert find_scan(200, 10.0, 0.0, 64) is None


def test_a_scan_has_an_end() -> None:
    """65,535 ports, three times, at each address: whoever sends more does not scan."""
    limit = 3 * 65535
    found = find_closed_port_flood(2 * limit + 2, 2, 1e6)

    assert find_closed_port_flood(limit, 1, 1e6) is None
    assert find_closed_port_flood(2 * limit, 2, 1e6) is None
    assert found is not None
    assert (found.kind, found.confidence <= 0.6) == (Kind.SPOOFED_FLOOD, True)
