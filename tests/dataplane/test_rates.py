"""Hard SYN rates of the operator's: above them a source is challenged, or dropped if so wished."""

from __future__ import annotations

import pytest

from floodwall.kernel._abi import Mode, Reason
from tests.support.bout import Bout
from tests.support.oracle.hashes import address_hash
from tests.support.oracle.world import SECOND_NS, packed
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, Packet

pytestmark = pytest.mark.root

CALM = Reason.PASS_CALM_SYN
OVER = Reason.CHALLENGE_RATE
SOURCES = ("198.51.100.7", "2001:db8:1::7")
RATE_CELLS = 65536


def syn(source: str, port: int = 40000) -> Packet:
    """Return a SYN to the web service."""
    return Ethernet() / (IPv6(source) if ":" in source else IPv4(source)) / TCP(source=port)


@pytest.mark.parametrize("source", SOURCES)
def test_address_is_challenged_above_its_rate(bout: Bout, source: str) -> None:
    """Whatever its ports; with the next second it begins anew."""
    bout.configure(rate_source_max=3)
    found = [bout.reason(syn(source, 40000 + number)) for number in range(5)]
    bout.pass_time(SECOND_NS)

    assert found == [CALM] * 3 + [OVER] * 2
    assert bout.reason(syn(source)) is CALM


@pytest.mark.parametrize("source", SOURCES)
def test_address_and_port_have_a_rate_of_their_own(bout: Bout, source: str) -> None:
    """The classic recipe: ten a second from one address and port."""
    bout.configure(rate_port_max=10)
    found = [bout.reason(syn(source)) for _ in range(11)]

    assert found == [CALM] * 10 + [OVER]
    assert bout.reason(syn(source, 40001)) is CALM


@pytest.mark.parametrize("source", SOURCES)
def test_drop_is_what_the_operator_asked_for(bout: Bout, source: str) -> None:
    """And nothing else: below the rate it passes."""
    bout.configure(rate_source_max=1)
    bout.limit(rate_drop=True)

    assert [bout.reason(syn(source)) for _ in range(3)] == [CALM, *[Reason.DROP_RATE] * 2]


def test_never_ban_is_not_dropped_above_a_rate(bout: Bout) -> None:
    """The never-ban set has the last word here, too."""
    bout.world.never_ban.add("198.51.100.7/32", value=True)
    bout.configure(rate_source_max=1)
    bout.limit(rate_drop=True)
    found = [bout.reason(syn("198.51.100.7")) for _ in range(2)]

    assert found == [CALM, Reason.PASS_NEVER_BAN]


@pytest.mark.parametrize("drop", [False, True])
def test_an_armed_service_counts_only_to_drop(bout: Bout, *, drop: bool) -> None:
    """Everybody is challenged: a count would change nothing, and cost."""
    bout.configure(rate_source_max=1)
    bout.limit(mode=Mode.ARMED, rate_drop=drop)
    found = [bout.reason(syn("198.51.100.7")) for _ in range(2)]

    assert found == [Reason.CHALLENGE_FLOOD, Reason.DROP_RATE if drop else Reason.CHALLENGE_FLOOD]
    bout.check()


def test_who_shares_a_cell_does_not_pay_for_it(bout: Bout) -> None:
    """The second source of a cell is not counted in that second, and never challenged."""
    bout.configure(rate_source_max=1)
    first, second = _neighbours_in_a_cell(bout.world.config.hash_seed)
    found = [bout.reason(syn(source)) for source in (first, first, second, second)]

    assert found == [CALM, OVER, CALM, CALM]


def _neighbours_in_a_cell(seed: int) -> tuple[str, str]:
    cells: dict[int, str] = {}
    for number in range(1 << 16):
        address = f"203.{number >> 8}.{number & 0xFF}.9"
        other = cells.setdefault(address_hash(packed(address), seed) % RATE_CELLS, address)
        if other != address:
            return other, address
    raise AssertionError("the hash is perfect")
