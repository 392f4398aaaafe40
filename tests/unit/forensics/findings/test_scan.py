"""Scans, and what looks like one."""

import math

import pytest

from floodwall.forensics.evidence import Flag
from floodwall.forensics.finding import Kind
from tests.support.evidence import Row, account_of_rows, flood_rows, handshake_rows

SCANNER = "192.0.2.66"


def ports(count: int, flags: Flag = Flag.SYN) -> list[Row]:
    """Ask ports of one host, each twice."""
    return [
        (n / 100 + again, SCANNER, 50_000, "198.51.100.1", n + 1, flags)
        for n in range(count)
        for again in (0, 1)
    ]


def test_a_scan_without_times_has_none() -> None:
    """As in a firewall log that somebody cut the times off; and nothing is warned of."""
    rows = [(math.nan, *row[1:]) for row in ports(100)]
    (finding,) = account_of_rows(rows).findings
    assert (finding.kind, finding.start, finding.end) == (Kind.SYN_SCAN, None, None)


@pytest.mark.parametrize(
    "rows",
    [
        ports(1_000),
        ports(10),
        ports(100, Flag.ACK),
        ports(100, Flag(0)),
        ports(100, Flag.FIN | Flag.PSH | Flag.URG),
        [(n * 60.0, SCANNER, 50_000, f"198.51.100.{n}", 22, Flag.SYN) for n in range(30)],
        [(float(n), "203.0.113.9", 50_000, f"10.{n}.9.9", 22, Flag.SYN) for n in range(30)],
    ],
)
def test_many_doors_are_a_scan(rows: list[Row]) -> None:
    """Ports of a host or hosts of a network, fast or slow, with any flags."""
    account = account_of_rows(rows)
    assert account.verdict is Kind.SYN_SCAN
    (finding,) = account.findings
    assert finding.sources.distinct == 1


def test_open_doors_are_no_scan() -> None:
    """A client of a hundred ports that all serve it."""
    rows = [row for port in range(100) for row in handshake_rows(1, port=8_000 + port)]
    assert account_of_rows(rows).verdict is None


def test_peers_all_over_the_internet_are_no_scan() -> None:
    """A P2P client asks many, and few answer."""
    rows = [
        (float(n), "192.0.2.1", 3_000 + n, f"{20 + n % 180}.{n}.7.9", 6_346, Flag.SYN)
        for n in range(200)
    ]
    assert account_of_rows(rows).verdict is None


def test_a_scan_beside_a_flood_is_told_apart() -> None:
    """The flood is worse; both are told."""
    account = account_of_rows([*flood_rows(1_000), *ports(200)])
    assert [finding.kind for finding in account.findings] == [Kind.SYN_FLOOD, Kind.SYN_SCAN]
    assert account.findings[0].requests.observed in (1_000, 1_002)
