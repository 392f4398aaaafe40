"""The process that sends."""

from dataclasses import replace

import pytest

from floodwall.core.errors import ConfigError
from floodwall.lab.exact import ExactGenerator
from floodwall.lab.fast import FastGenerator
from floodwall.lab.flood import Aim, Flood, FloodOrder, Sources
from floodwall.lab.flood_worker import LONGEST_S, MOST_PACKETS, prepare, refuse_without_bounds
from floodwall.lab.topology import Topology

SECOND = 1_000_000_000
AIM = Aim("fw0", "02:00:00:00:00:01", "02:00:00:00:00:02", "198.18.0.2", 80)
ORDER = FloodOrder(Flood(Sources.RANDOM, 10.0), AIM, ((0, SECOND),), 100, 0)


def test_a_bounded_order_is_accepted() -> None:
    """A second, a hundred packets."""
    refuse_without_bounds(ORDER)


@pytest.mark.parametrize(
    "order",
    [
        replace(ORDER, windows=()),
        replace(ORDER, windows=((0, round((LONGEST_S + 1) * SECOND)),)),
        replace(ORDER, max_packets=0),
        replace(ORDER, max_packets=MOST_PACKETS + 1),
    ],
)
def test_an_order_without_bounds_is_refused(order: FloodOrder) -> None:
    """In seconds and in packets."""
    with pytest.raises(ConfigError, match="refusing"):
        refuse_without_bounds(order)


@pytest.mark.root
def test_the_engine_is_the_flood_s(network: Topology) -> None:
    """Exact if slow, fast if not."""
    aim = replace(AIM, interface=network.server_line.router_end)
    slow = replace(ORDER, aim=aim)
    quick = replace(slow, flood=Flood(Sources.RANDOM, None))

    made = network.router.call(lambda: [prepare(slow), prepare(quick)])
    for generator in made:
        generator.close()

    assert [type(generator) for generator in made] == [ExactGenerator, FastGenerator]
