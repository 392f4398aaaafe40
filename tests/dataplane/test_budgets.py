"""What cannot be challenged passes within a budget a second, and not beyond it."""

from __future__ import annotations

import pytest

from floodwall.kernel._abi import Mode, Reason
from tests.support.bout import Bout
from tests.support.oracle.world import SECOND_NS
from tests.support.packets import TCP, Ethernet, IPv4, IPv6
from tests.support.tcp_options import AO, MD5, TcpOption

pytestmark = pytest.mark.root

RATE = 3
LAYERS = (IPv4(), IPv6())


def spend(bout: Bout, tcp: TCP, layer: IPv4 | IPv6, count: int = RATE + 2) -> list[Reason]:
    """Send the segment that often."""
    return [bout.reason(Ethernet() / layer / tcp) for _ in range(count)]


@pytest.mark.parametrize("layer", LAYERS, ids=["4", "6"])
def test_closed_ports_share_a_budget(bout: Bout, layer: IPv4 | IPv6) -> None:
    """SYNs to any port without listener pass up to the rate, then drop until the next second."""
    bout.configure(closed_port_rate=RATE)
    bout.world.now_ns = 1000 * SECOND_NS
    bout.sync()
    first = [bout.reason(Ethernet() / layer / TCP(destination=port)) for port in range(1, 6)]
    bout.pass_time(SECOND_NS - 1)
    late = spend(bout, TCP(destination=9), layer, 1)
    bout.pass_time(1)
    fresh = spend(bout, TCP(destination=9), layer)
    expected = [Reason.PASS_CLOSED_PORT] * RATE + [Reason.DROP_CLOSED_PORT] * 2

    assert (first, late, fresh) == (expected, [Reason.DROP_CLOSED_PORT], expected)


@pytest.mark.parametrize(
    ("flags", "destination", "rate", "leased", "reason"),
    [
        ("S", "192.0.2.1", RATE, True, Reason.DROP_CLOSED_PORT),
        ("SF", "192.0.2.1", RATE, True, Reason.DROP_CLOSED_PORT),
        ("SA", "192.0.2.1", RATE, True, Reason.PASS_NOT_SERVICE),
        ("A", "192.0.2.1", RATE, True, Reason.PASS_NOT_SERVICE),
        ("S", "192.0.2.9", RATE, True, Reason.PASS_NOT_SERVICE),
        ("S", "192.0.2.1", 0, True, Reason.PASS_NOT_SERVICE),
        ("S", "192.0.2.1", RATE, False, Reason.PASS_NOT_SERVICE),
    ],
)
def test_only_syns_to_this_machine_count(
    bout: Bout, flags: str, destination: str, rate: int, reason: Reason, *, leased: bool
) -> None:
    """Other flags, forwarded packets, no rate and no lease: not our business."""
    bout.configure(closed_port_rate=rate)
    bout.world.lease_until_ns *= leased
    bout.sync()
    layer = IPv4(destination=destination)
    found = spend(bout, TCP(destination=9, flags=flags), layer)

    assert found[-1] is reason


def test_protected_source_reaches_closed_ports(bout: Bout) -> None:
    """The never-ban set has no budget."""
    bout.configure(closed_port_rate=RATE)
    bout.world.never_ban.add("198.51.100.7/32", value=True)
    bout.sync()

    found = spend(bout, TCP(destination=9), IPv4())

    assert found == [Reason.PASS_CLOSED_PORT] * RATE + [Reason.PASS_NEVER_BAN] * 2


@pytest.mark.parametrize("layer", LAYERS, ids=["4", "6"])
@pytest.mark.parametrize("option", [MD5, AO, TcpOption(19), TcpOption(29, b"ab")], ids=str)
def test_signed_syns_pass_within_their_budget(
    bout: Bout, layer: IPv4 | IPv6, option: TcpOption
) -> None:
    """BGP sessions with TCP-MD5 or TCP-AO cannot be challenged; they count as pending."""
    bout.configure(authenticated_rate=RATE)
    bout.limit(mode=Mode.ARMED)
    found = spend(bout, TCP(options=[option]), layer)
    expected = [Reason.PASS_AUTHENTICATED_SYN] * RATE + [Reason.DROP_AUTHENTICATED_SYN] * 2

    assert found == expected
    assert (bout.web.tally.passed, bout.web.state.pending) == (RATE, RATE)


def test_calm_service_asks_no_signature_for_budget(bout: Bout) -> None:
    """While calm a signed SYN is a SYN."""
    bout.configure(authenticated_rate=0)

    assert spend(bout, TCP(options=[MD5]), IPv4(), 1) == [Reason.PASS_CALM_SYN]


def test_protected_source_may_sign_for_ever(bout: Bout) -> None:
    """Over the budget the never-ban set passes all the same."""
    bout.configure(authenticated_rate=0)
    bout.limit(mode=Mode.ARMED)
    bout.world.never_ban.add("0.0.0.0/0", value=True)
    bout.sync()

    assert spend(bout, TCP(options=[AO]), IPv4(), 1) == [Reason.PASS_NEVER_BAN]
