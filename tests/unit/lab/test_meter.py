"""Readings at the server's line."""

import pytest

from floodwall.lab.meter import LineReading, Meter
from floodwall.lab.sink import Answers, sink
from floodwall.lab.topology import Topology


def test_what_came_between_two_readings() -> None:
    """Every part is a difference."""
    before = LineReading(1, 2, 3, Answers(4, 5, 6))
    after = LineReading(10, 20, 30, Answers(40, 50, 60))

    assert after.since(before) == LineReading(9, 18, 27, Answers(36, 45, 54))


@pytest.mark.root
def test_packets_to_the_server_are_counted(network: Topology) -> None:
    """Three pings, and what is said around them."""
    with sink(network.router, network.server_line.router_end) as answers:
        meter = Meter(network, answers)
        before = meter.read()
        network.clients[1].run(["ping", "-c", "3", "-i", "0.002", "198.18.0.2"])
        seen = meter.read().since(before)

    assert 3 <= seen.received < 20
    assert (seen.lost, seen.answers) == (0, Answers(0, 0, 0))
