"""A capture through the compiled program: what Floodwall would have done, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from floodwall.app.replay import Replayed, replay
from floodwall.core.errors import ConfigError
from floodwall.core.settings import ServiceMode, Services, Settings
from tests.support.evidence import pcap
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, Packet
from tests.support.tcp_options import NOP, mss, timestamps

pytestmark = pytest.mark.root

BACKLOG = 32
SERVERS = {4: "192.0.2.10", 6: "2001:db8::10"}
CLIENTS = {4: "198.51.100.7", 6: "2001:db8:1::7"}
Timed = tuple[float, bytes]
Replay = Callable[..., Replayed]


@pytest.fixture
def replayed(tmp_path: Path) -> Replay:
    """Return what replays frames."""

    def run(frames: list[Timed], settings: Settings | None = None) -> Replayed:
        file = tmp_path / "capture.pcap"
        file.write_bytes(pcap(frames))
        return replay((str(file),), settings or Settings(), BACKLOG)

    return run


def between(version: int, source: str, destination: str) -> Packet:
    """Return Ethernet and IP."""
    return Ethernet() / (IPv4 if version == 4 else IPv6)(source, destination)


def flood(version: int, count: int, at: float = 0.0) -> Iterator[Timed]:
    """SYNs of as many forged sources, one a millisecond."""
    prefix = "10.1.{}.{}" if version == 4 else "2001:db8:f:{:x}::{:x}"
    for number in range(count):
        source = prefix.format(number >> 8, number & 0xFF)
        yield at + number / 1000, bytes(between(version, source, SERVERS[version]) / TCP())


def handshake(version: int, at: float, port: int = 50000, *, ours: bool = True) -> list[Timed]:
    """A client that connects and sends a request, as a capture of both directions shows it."""
    there = between(version, CLIENTS[version], SERVERS[version])
    back = between(version, SERVERS[version], CLIENTS[version])
    offer = (mss(1460), timestamps(1000))
    answer = (NOP, NOP, timestamps(1001, 5000))
    data = TCP(port, 80, 1001, 9001, "PA", options=answer)
    frames = [
        there / TCP(port, 80, 1000, 0, "S", options=offer),
        back / TCP(80, port, 9000, 1001, "SA", options=(mss(1460), timestamps(5000, 1000))),
        there / TCP(port, 80, 1001, 9001, "A", options=answer),
        there / data / b"GET / HTTP/1.1\r\n\r\n",
    ]
    return [
        (at + number / 100, bytes(frame))
        for number, frame in enumerate(frames)
        if ours or number != 1
    ]


@pytest.mark.parametrize("version", [4, 6])
def test_a_flood_is_challenged_and_a_client_in_it_is_served(replayed: Replay, version: int) -> None:
    """Its own cookie and timestamp are put into its answer: it would have sent them."""
    frames = sorted([*flood(version, 2000), *handshake(version, at=1.0)])
    found = replayed(frames)

    assert found.challenged > 1900
    assert found.reasons["pass_cookie"] == 1
    assert (found.completed, found.real, found.touched) == (1, 1, {})
    assert found.dropped == 0
    assert sum(second.challenged for second in found.series.values()) == found.challenged


def test_a_capture_of_one_direction_will_do(replayed: Replay) -> None:
    """Then the client's answer is believed for its own number."""
    frames = sorted([*flood(4, 500), *handshake(4, at=0.4, ours=False)])
    found = replayed(frames)

    assert (found.completed, found.touched) == (1, {})


def test_calm_traffic_is_left_alone(replayed: Replay) -> None:
    """Completed handshakes owe nothing, however many they are."""
    frames = [each for number in range(300) for each in handshake(4, number * 0.05, 30000 + number)]
    found = replayed(sorted(frames))

    assert (found.challenged, found.dropped, found.completed) == (0, 0, 300)
    assert found.established == 600
    assert found.outbound == 300


def test_what_is_only_observed_passes(replayed: Replay) -> None:
    """The settings decide, as they do on the wire."""
    settings = Settings(services=Services(mode=ServiceMode.OBSERVE))
    found = replayed(list(flood(4, 500)), settings)

    assert (found.passed, found.challenged, found.dropped) == (500, 0, 0)


def test_a_real_source_that_loses_its_answer_is_named(replayed: Replay) -> None:
    """An answer with somebody else's timestamp is no answer to our challenge."""
    there = between(4, CLIENTS[4], SERVERS[4])
    frames = [
        *flood(4, 300),
        (0.5, bytes(there / TCP(50000, 80, 1000, flags="S", options=(timestamps(1),)))),
        (0.6, bytes(there / TCP(50000, 80, 1001, 7, "A", options=()))),
    ]
    found = replayed(frames)

    assert [(str(who), count) for who, count in found.touched.items()] == [(CLIENTS[4], 1)]


def test_a_connection_from_before_the_capture_is_not_judged(replayed: Replay) -> None:
    """The stack would have known it."""
    talk = [
        (0.9, bytes(between(4, CLIENTS[4], SERVERS[4]) / TCP(50000, 80, 5, 6, "A"))),
        (0.9, bytes(between(4, SERVERS[4], CLIENTS[4]) / TCP(80, 50000, 6, 5, "A"))),
    ]
    found = replayed(sorted([*flood(4, 1000), *talk]))

    assert found.established == 1
    assert found.dropped == 0


def test_a_capture_without_a_syn_is_refused(replayed: Replay) -> None:
    """There is no service to protect."""
    frame = bytes(between(4, CLIENTS[4], SERVERS[4]) / TCP(flags="A"))

    with pytest.raises(ConfigError, match="nothing to replay"):
        replayed([(1.0, frame)])
