"""What keeps a flood inside the lab."""

from dataclasses import replace

import pytest

from floodwall.core.errors import ConfigError
from floodwall.lab.flood import Aim
from floodwall.lab.safety import (
    Surroundings,
    alias_of,
    look_around,
    refuse_unless_inside,
    refuse_unless_lab,
)
from floodwall.lab.topology import Topology

AIM = Aim("fw1rs", "02:00:00:00:00:01", "02:00:00:00:00:02", "198.18.0.2", 80)
LAB = Surroundings(
    own_namespace=2,
    parents_namespace=1,
    links={"lo": ("", "00:00:00:00:00:00"), "fw1rs": (alias_of("1"), AIM.source_mac)},
    neighbours=frozenset({(AIM.address, AIM.mac)}),
)


def test_the_lab_itself_is_accepted() -> None:
    """Everything around is the lab's."""
    refuse_unless_lab(LAB, AIM)


@pytest.mark.parametrize(
    ("around", "aim", "why"),
    [
        (replace(LAB, own_namespace=1), AIM, "started in"),
        (replace(LAB, links={**LAB.links, "eth0": ("", AIM.mac)}), AIM, "eth0 is not the lab's"),
        (replace(LAB, links={"lo": ("", "")}), AIM, "is not here"),
        (LAB, replace(AIM, source_mac="02:00:00:00:00:09"), "is not the address of"),
        (LAB, replace(AIM, address="192.0.2.1"), "no address of the lab"),
        (LAB, replace(AIM, mac="02:00:00:00:00:09"), "no neighbour"),
        (replace(LAB, neighbours=frozenset()), AIM, "no neighbour"),
    ],
)
def test_anything_else_is_refused(around: Surroundings, aim: Aim, why: str) -> None:
    """One doubt is enough."""
    with pytest.raises(ConfigError, match=why):
        refuse_unless_lab(around, aim)


def test_who_connects_needs_no_neighbour_but_the_lab_around() -> None:
    """Its packets go by the router."""
    refuse_unless_inside(LAB, ["198.18.0.2", "198.18.3.2"])
    for around, address in ((LAB, "192.0.2.1"), (replace(LAB, own_namespace=1), "198.18.0.2")):
        with pytest.raises(ConfigError, match="refusing to connect"):
            refuse_unless_inside(around, [address])


@pytest.mark.root
def test_a_process_sees_where_it_is(network: Topology) -> None:
    """What the router's namespace shows is what the lab put there."""
    line = network.server_line
    around = network.router.call(look_around)

    assert around.links[line.router_end][0].startswith("floodwall-lab/")
    assert around.links[line.router_end][1] == line.router_mac
    assert ("198.18.0.2", line.far_mac) in around.neighbours
