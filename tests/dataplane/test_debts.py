"""A source that leaves handshakes unfinished is challenged, others are not."""

from __future__ import annotations

import pytest

from floodwall.kernel._abi import Reason
from tests.support.bout import Bout
from tests.support.oracle.hashes import cells_of
from tests.support.oracle.world import SECOND_NS, packed
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, Packet

pytestmark = pytest.mark.root

HALVING_NS = 10 * SECOND_NS


def syn(source: str, port: int = 40000) -> Packet:
    """Return a SYN to the web service."""
    return Ethernet() / (IPv6(source) if ":" in source else IPv4(source)) / TCP(source=port)


@pytest.mark.parametrize("source", ["198.51.100.7", "2001:db8:1::7"])
@pytest.mark.parametrize("most", [1, 2, 20])
def test_address_is_challenged_once_it_owes_the_most(bout: Bout, source: str, most: int) -> None:
    """As many SYNs as allowed pass, whatever their ports; the next is challenged."""
    bout.configure(debt_source_max=most)
    found = [bout.reason(syn(source, 40000 + number)) for number in range(most + 2)]

    assert found == [Reason.PASS_CALM_SYN] * most + [Reason.CHALLENGE_SOURCE] * 2


@pytest.mark.parametrize("source", ["198.51.100.7", "2001:db8:1::7"])
def test_port_is_counted_on_its_own(bout: Bout, source: str) -> None:
    """One address and port has a limit of its own; another port of the address passes."""
    bout.configure(debt_port_max=2)
    found = [bout.reason(syn(source, port)) for port in (1000, 1000, 1000, 1001)]

    assert found == [Reason.PASS_CALM_SYN] * 2 + [Reason.CHALLENGE_PORT, Reason.PASS_CALM_SYN]


@pytest.mark.parametrize(
    ("same", "other"),
    [
        (("198.51.100.1", "198.51.100.2", "198.51.100.255"), "198.51.101.1"),
        (("2001:db8:1::1", "2001:db8:1::2", "2001:db8:1:0:f::"), "2001:db8:1:1::1"),
    ],
)
def test_prefix_is_a_24_or_a_64(bout: Bout, same: tuple[str, ...], other: str) -> None:
    """Neighbours share a debt; the next prefix has its own."""
    bout.configure(debt_prefix_max=2)
    found = [bout.reason(syn(source)) for source in (*same, other)]
    calm = Reason.PASS_CALM_SYN

    assert found == [calm, calm, Reason.CHALLENGE_PREFIX, calm]


def test_smallest_circle_is_named_first(bout: Bout) -> None:
    """When all limits are reached the reason is the address, then the port, then the prefix."""
    bout.configure(debt_source_max=1, debt_port_max=1, debt_prefix_max=1)
    bout.reason(syn("198.51.100.7"))
    found = []
    for limit in ("debt_source_max", "debt_port_max", "debt_prefix_max"):
        found.append(bout.reason(syn("198.51.100.7")))
        bout.configure(**{limit: 0})

    assert found == [Reason.CHALLENGE_SOURCE, Reason.CHALLENGE_PORT, Reason.CHALLENGE_PREFIX]
    assert bout.reason(syn("198.51.100.7")) is Reason.PASS_CALM_SYN


def test_challenged_syn_adds_no_debt(bout: Bout) -> None:
    """Only what the stack was given to keep is owed."""
    bout.configure(debt_source_max=1)
    for _ in range(5):
        bout.reason(syn("198.51.100.7"))

    cell = cells_of(packed("198.51.100.7"), 40000, bout.world.config.hash_seed).source

    assert bout.world.debts[cell][1] == 1


@pytest.mark.parametrize(("halvings", "left"), [(0, 8), (1, 4), (2, 2), (3, 1), (4, 0), (40, 0)])
def test_debt_halves_as_time_passes(bout: Bout, halvings: int, left: int) -> None:
    """Eight owed are four after one interval; after four, nothing is left."""
    bout.world.now_ns = 100 * HALVING_NS
    bout.configure(debt_source_max=8, debt_halving_ns=HALVING_NS)
    for number in range(8):
        bout.reason(syn("198.51.100.7", 1000 + number))
    bout.pass_time(halvings * HALVING_NS)
    bout.configure(debt_source_max=max(left, 1))
    first = bout.reason(syn("198.51.100.7"))
    bout.configure(debt_source_max=left + 1)

    assert first is (Reason.CHALLENGE_SOURCE if left else Reason.PASS_CALM_SYN)
    assert bout.reason(syn("198.51.100.7")) is (
        Reason.PASS_CALM_SYN if left else Reason.CHALLENGE_SOURCE
    )


def test_debt_halves_at_the_tick_and_not_before(bout: Bout) -> None:
    """The last nanosecond of an interval still owes in full."""
    bout.world.now_ns = 100 * HALVING_NS
    bout.configure(debt_source_max=2, debt_halving_ns=HALVING_NS)
    bout.reason(syn("198.51.100.7"))
    bout.reason(syn("198.51.100.7"))
    bout.pass_time(HALVING_NS - 1)
    before = bout.reason(syn("198.51.100.7"))
    bout.pass_time(1)

    assert before is Reason.CHALLENGE_SOURCE
    assert bout.reason(syn("198.51.100.7")) is Reason.PASS_CALM_SYN
