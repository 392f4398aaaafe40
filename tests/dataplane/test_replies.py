"""The SYN-ACK goes back the way the SYN came, well-formed and hardly ever larger."""

from __future__ import annotations

import pytest

from floodwall.kernel._abi import Mechanism, Mode, Reason
from tests.support.bout import Bout
from tests.support.dissect import dissect
from tests.support.extension_headers import DestinationOptions, HopByHop
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, Packet, ServiceVlan, Vlan
from tests.support.stage import ABSENT, FULL
from tests.support.tcp_options import SACK_PERMITTED, TcpOption, mss, timestamps, window_scale

pytestmark = pytest.mark.root

ALL = [mss(1460), SACK_PERMITTED, timestamps(1), window_scale(7)]
LINK = Ethernet("02:00:00:00:00:aa", "02:00:00:00:00:bb")


@pytest.fixture
def armed(bout: Bout) -> Bout:
    """Return dealings with a web service that challenges every SYN."""
    bout.limit(mode=Mode.ARMED, window=4321)
    return bout


def challenge(bout: Bout, packet: Packet) -> bytes:
    """Return the SYN-ACK to a SYN."""
    met = bout.send(packet)
    assert met.reason is Reason.CHALLENGE_FLOOD
    return met.output


@pytest.mark.parametrize(
    "tags",
    [(), (Vlan(7, 3),), (ServiceVlan(100), Vlan(7)), (Vlan(1), Vlan(2), Vlan(3), Vlan(4095, 7))],
    ids=len,
)
@pytest.mark.parametrize("layer", [IPv4("203.0.113.10"), IPv6("2001:db8:5::5")], ids=["4", "6"])
def test_reply_returns_to_its_sender(
    armed: Bout, layer: IPv4 | IPv6, tags: tuple[Vlan, ...]
) -> None:
    """Addresses and ports change places, tags stay as they were."""
    packet = Packet((LINK, *tags, layer)) / TCP(source=12345, options=ALL)
    raw = bytes(packet)
    reply = dissect(challenge(armed, packet))

    assert (reply.destination_mac, reply.source_mac) == (LINK.source, LINK.destination)
    assert reply.tags == tuple(
        word
        for tag, place in zip(tags, range(12, 28, 4), strict=False)
        for word in (tag.kind, int.from_bytes(raw[place + 2 : place + 4], "big"))
    )
    assert (reply.source, reply.destination) == (layer.destination, layer.source)
    assert (reply.source_port, reply.destination_port) == (80, 12345)
    assert (reply.flags, reply.window, reply.hop_limit) == ("SA", 4321, 64)
    assert reply.checksums_hold
    assert reply.padding.strip(b"\0") == b""


@pytest.mark.parametrize(
    ("packet", "length"),
    [
        (LINK / IPv4() / TCP(options=ALL), 74),  # 14 + 20 + 20 + 20
        (LINK / IPv4() / TCP(), 58),  # grows by the MSS option
        (LINK / IPv4() / TCP() / bytes(6), 60),  # padded to the shortest Ethernet frame
        (LINK / IPv4() / TCP() / bytes(500), 60),
        (LINK / IPv4(options=bytes([1] * 40)) / TCP(options=ALL), 74),
        (LINK / IPv6() / TCP(options=ALL), 94),
        (LINK / IPv6() / TCP(), 78),
        (LINK / IPv6() / HopByHop(4) / DestinationOptions(9) / TCP(options=ALL), 94),
        (LINK / IPv4() / TCP(options=[SACK_PERMITTED]), 62),
        (LINK / IPv4() / TCP(options=[window_scale(1)]), 62),
        (LINK / IPv4() / TCP(options=[timestamps(1)]), 70),
    ],
    ids=lambda value: value if isinstance(value, int) else "",
)
def test_reply_is_as_long_as_it_must_be(armed: Bout, packet: Packet, length: int) -> None:
    """No reply carries what the SYN had beyond its headers."""
    reply = challenge(armed, packet)

    assert len(reply) == length
    assert dissect(reply).checksums_hold
    assert dissect(reply).padding == bytes(len(dissect(reply).padding))


@pytest.mark.parametrize("layer", [IPv4(), IPv6()], ids=["4", "6"])
def test_growth_never_exceeds_the_options_of_the_answer(armed: Bout, layer: IPv4 | IPv6) -> None:
    """Whatever the SYN offers, the reply is larger by at most the 4 bytes of our MSS."""
    offers: tuple[list[TcpOption], ...]
    offers = ([], [mss(9)], [SACK_PERMITTED], [window_scale(2)], [timestamps(3)], ALL)
    growth = []
    for options in offers:
        packet = LINK / layer / TCP(options=options)
        growth.append(len(challenge(armed, packet)) - len(bytes(packet)))

    assert max(growth) == 4
    assert min(growth) <= 0


@pytest.mark.parametrize("layer", [IPv4(), IPv6()], ids=["4", "6"])
def test_kernel_cookie_goes_out_and_comes_back(armed: Bout, layer: IPv4 | IPv6) -> None:
    """Below kernel 6.9 the stack's own cookie is sent and accepted; it offers only an MSS."""
    armed.limit(mechanism=Mechanism.STACK)
    ack = armed.answer(LINK / layer / TCP(options=ALL))
    reply = dissect(armed.output)

    assert [option.kind for option in reply.options] == [2]
    assert armed.reason(ack) is Reason.PASS_STACK_COOKIE
    assert (armed.web.tally.challenged, armed.web.tally.proven) == (1, 1)


@pytest.mark.parametrize("port", [ABSENT, FULL])
def test_kernel_makes_no_cookie_without_room_to_honour_it(bout: Bout, port: int) -> None:
    """No listener, or one whose accept queue is full: the stack decides what happens."""
    for service in bout.world.services.values():
        service.limits = type(service.limits)(mode=Mode.ARMED, mechanism=Mechanism.STACK)
    bout.sync()

    assert bout.reason(LINK / IPv4() / TCP(destination=port)) is Reason.PASS_UNANSWERABLE


def test_kernel_cookie_is_accepted_whatever_the_mechanism(armed: Bout) -> None:
    """A change of mechanism, as on an upgrade, locks nobody out who is half way in."""
    armed.limit(mechanism=Mechanism.STACK)
    ack = armed.answer(LINK / IPv4() / TCP())
    armed.limit(mechanism=Mechanism.HANDOVER)

    assert armed.reason(ack) is Reason.PASS_STACK_COOKIE
