"""SYN floods in captures."""

import pytest

from floodwall.forensics.evidence import Flag
from floodwall.forensics.finding import Kind
from tests.support.evidence import Row, account_of_rows, flood_rows, handshake_rows

SERVER = ("198.51.100.1", 80)


def test_forged_requests_are_a_flood() -> None:
    """With everything that can be said about them."""
    (finding,) = account_of_rows(flood_rows(2_000)).findings
    assert finding.kind is Kind.SYN_FLOOD
    assert finding.requests.observed == 2_000
    assert (finding.sources.distinct, finding.sources.exact) == (2_000, True)
    assert (finding.rate.mean, finding.rate.peak) == (500.0, 500.0)
    assert [(str(one.address), one.port) for one in finding.victims] == [SERVER]
    assert finding.spoofing.index is None
    assert finding.spoofing.indirect
    assert finding.handshakes is not None
    assert finding.handshakes.completed == 0


def test_answers_make_the_spoof_index_known() -> None:
    """With its interval."""
    rows: list[Row] = flood_rows(500)
    rows += [(at + 0.001, *SERVER, client, port, Flag.SYN | Flag.ACK)
             for at, client, port, *_ in flood_rows(500)]  # fmt: skip
    (finding,) = account_of_rows(rows).findings
    index = finding.spoofing.index
    assert index is not None
    assert (index.value, index.high) == (1.0, 1.0)
    assert 0.98 < index.low < 1.0


@pytest.mark.parametrize("rate", [0.5, 5.0, 100.0, 2_000.0])
def test_finished_handshakes_are_no_flood(rate: float) -> None:
    """However fast they come."""
    account = account_of_rows(handshake_rows(600, rate=rate))
    assert Kind.SYN_FLOOD not in {finding.kind for finding in account.findings}


def test_a_slow_flood_fills_a_queue_too() -> None:
    """Three a second are 189 within the 63 s that one is kept; one a second is not enough."""
    assert account_of_rows(flood_rows(400, rate=3.0)).verdict is Kind.SYN_FLOOD
    assert account_of_rows(flood_rows(200, rate=1.0)).verdict is None


def test_clients_of_a_dead_server_are_no_flood() -> None:
    """They back off, as stacks do."""
    rows = [
        (n + wait, f"192.0.2.{n % 200}", 2_000 + n, *SERVER, Flag.SYN)
        for n in range(300)
        for wait in (0.0, 1.0, 3.0, 7.0)
    ]
    assert account_of_rows(rows).verdict is None


def test_one_endpoint_that_repeats_without_end_is_a_flood() -> None:
    """No stack asks 13 times a second from one port."""
    rows = [(n / 13, "192.0.2.1", 4_000, *SERVER, Flag.SYN) for n in range(1_000)]
    (finding,) = account_of_rows(rows).findings
    assert finding.kind is Kind.SYN_FLOOD
    assert finding.notes


def test_a_flood_amid_real_clients_names_the_flooded_port_only() -> None:
    """The other port does its work."""
    account = account_of_rows([*flood_rows(1_000, port=443), *handshake_rows(300, rate=100.0)])
    flood = account.findings[0]
    assert [one.port for one in flood.victims] == [443]
    assert flood.requests.observed == 1_000


def test_a_flood_over_many_ports_is_one_flood() -> None:
    """Sources are random, so it is no scan."""
    rows = [
        (*row[:4], 1 + number * 7 % 60_000, Flag.SYN)
        for number, row in enumerate(flood_rows(2_000))
    ]
    (finding,) = account_of_rows(rows).findings
    assert finding.kind is Kind.SYN_FLOOD
    assert [one.port for one in finding.victims] == [0]


@pytest.mark.parametrize(("rate", "verdict"), [(20.0, None), (500.0, Kind.SYN_FLOOD)])
def test_refused_requests_take_no_place_in_a_queue(rate: float, verdict: Kind | None) -> None:
    """A client that hammers a closed port is none; hundreds a second cost too much all the same."""
    rows: list[Row] = []
    for n in range(1_000):
        client = ("192.0.2.1", 2_000 + n)
        rows += [
            (n / rate, *client, *SERVER, Flag.SYN),
            (n / rate + 0.001, *SERVER, *client, Flag.RST | Flag.ACK),
        ]
    assert account_of_rows(rows).verdict is verdict


def test_a_flood_over_a_network_is_found() -> None:
    """A few requests to each address, many to all of them."""
    rows = [
        (at, source, port, f"198.51.100.{number % 250}", 80, Flag.SYN)
        for number, (at, source, port, *_) in enumerate(flood_rows(2_000))
    ]
    (finding,) = account_of_rows(rows).findings
    assert finding.kind is Kind.SYN_FLOOD
    assert finding.requests.observed == 2_000
    assert len(finding.victims) == 250


def test_the_noise_of_the_internet_is_no_flood() -> None:
    """Scanners that come to every network, each to a few doors: many sources, many ports."""
    rows = [
        (at, source, port, f"198.51.100.{number % 250}", 1 + number * 13 % 3_000, Flag.SYN)
        for number, (at, source, port, *_) in enumerate(flood_rows(2_000, rate=20.0))
    ]
    assert account_of_rows(rows).verdict is not Kind.SYN_FLOOD
