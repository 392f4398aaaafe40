"""The first look at a capture: who serves, and who really talks."""

from __future__ import annotations

from ipaddress import ip_address

from floodwall.app.replay_survey import survey
from floodwall.core.model import Endpoint
from floodwall.forensics.captures.packets import Packet
from tests.support.packets import TCP, Ethernet, IPv4

CLIENT, SERVER = "198.51.100.7", "192.0.2.10"
WEB = Endpoint(ip_address(SERVER), 80)


def packet(tcp: TCP, source: str = CLIENT, destination: str = SERVER, at: float = 1.0) -> Packet:
    """Return a frame between two hosts."""
    return Packet(at, bytes(Ethernet() / IPv4(source, destination) / tcp), 14)


def test_who_answers_is_a_service() -> None:
    """One SYN that was answered is enough; the number of the answer is remembered."""
    answer = packet(TCP(80, 40000, sequence=77, flags="SA"), SERVER, CLIENT)
    found = survey([packet(TCP(40000, 80)), answer, packet(TCP(40000, 81))])

    assert found.services == (WEB,)
    assert list(found.answers.values()) == [77]


def test_who_is_asked_often_is_a_service_though_it_is_silent() -> None:
    """A flood may leave it no room to answer."""
    flood = [packet(TCP(1024 + number, 80)) for number in range(100)]
    once = packet(TCP(40000, 81))
    answered = packet(TCP(82, 40000, flags="SA"), SERVER, CLIENT)

    found = survey([*flood, once, packet(TCP(40000, 82)), answered])

    assert found.services == (WEB, Endpoint(ip_address(SERVER), 82))


def test_where_nobody_answers_everybody_who_is_asked_is_a_service() -> None:
    """A capture of one direction, or of a few packets."""
    assert survey([packet(TCP(40000, 80))]).services == (WEB,)


def test_connections_from_before_are_known_by_what_the_server_says() -> None:
    """More than a SYN-ACK or a reset."""
    said = packet(TCP(80, 40000, flags="A"), SERVER, CLIENT)
    reset = packet(TCP(80, 40001, flags="R"), SERVER, CLIENT)
    found = survey([said, reset])

    assert {flow[1] for flow in found.talking} == {40000}


def test_time_begins_with_the_earliest_frame() -> None:
    """Captures are not always in order."""
    assert survey([packet(TCP(), at=5.0), packet(TCP(), at=3.0)]).first == 3.0
    assert survey([]).first is None
