"""The exact generator."""

import socket
import time
from collections import Counter
from dataclasses import replace

import pytest

from floodwall.lab.exact import ExactGenerator
from floodwall.lab.flood import (
    Aim,
    Engine,
    Flood,
    FloodOrder,
    FloodReport,
    Ports,
    Sources,
    Sweep,
)
from floodwall.lab.topology import Topology
from floodwall.lab.wait import until

pytestmark = pytest.mark.root

SECOND = 1_000_000_000
SLOW = Flood(Sources.FIXED, 400.0, count=20, ports=Ports.FIXED)


def send(network: Topology, flood: Flood, most: int = 10**6) -> tuple[FloodReport, list[bytes]]:
    """Send for half a second in the router and return what arrived at the server."""
    line = network.server_line
    aim = Aim(line.router_end, line.router_mac, line.far_mac, "198.18.0.2", 80)
    order = FloodOrder(flood, aim, ((0, SECOND // 2),), most, network.clients_cpu)
    with network.server.call(lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)) as tap:
        tap.bind((line.far_end, 0x0800))
        tap.setblocking(False)
        generator = network.router.call(lambda: ExactGenerator(order))
        now = time.monotonic_ns()
        report = generator.run(((now, now + SECOND // 2),))
        seen: list[bytes] = []
        until(lambda: len(_drain(tap, seen)) >= report.sent, 3.0)
    return report, seen


def _drain(tap: socket.socket, seen: list[bytes]) -> list[bytes]:
    while True:
        try:
            frame = tap.recv(2048)
        except BlockingIOError:
            return seen
        if frame[23] == socket.IPPROTO_TCP and frame[26:30] != bytes([198, 18, 0, 2]):
            seen.append(frame)


def test_the_rate_is_kept_and_every_packet_arrives(network: Topology) -> None:
    """400 a second for half a second are 200, whatever else the machine does."""
    report, seen = send(network, SLOW)

    assert report.engine is Engine.EXACT
    assert 195 <= report.sent <= 201
    assert len(seen) == report.sent
    assert report.first_ns < report.last_ns


def test_sources_take_turns(network: Topology) -> None:
    """20 sources, each as often as the others."""
    _, seen = send(network, SLOW)
    counts = Counter(frame[26:30] for frame in seen)

    assert len(counts) == 20
    assert max(counts.values()) - min(counts.values()) <= 1


def test_a_ramp_rises_evenly(network: Topology) -> None:
    """On the average at half of its last rate."""
    report, seen = send(network, replace(SLOW, ramp=True))

    assert 95 <= report.sent <= 101
    assert len(seen) == report.sent


def test_ports_take_turns(network: Topology) -> None:
    """Each as often as the others."""
    _, seen = send(network, replace(SLOW, sweep=Sweep(1, 50)))
    counts = Counter(int.from_bytes(frame[36:38]) for frame in seen)

    assert set(counts) == set(range(1, 51))
    assert max(counts.values()) - min(counts.values()) <= 1


def test_it_ends_when_the_packets_are_spent(network: Topology) -> None:
    """However long its time is."""
    report, seen = send(network, SLOW, most=7)

    assert (report.sent, len(seen)) == (7, 7)
