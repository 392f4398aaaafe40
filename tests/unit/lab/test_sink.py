"""The sink of answers to forged sources."""

import pytest

from floodwall.lab import sink as lab_sink
from floodwall.lab.sink import Answers, sink
from floodwall.lab.topology import Topology
from tests.unit.lab.test_fast import BURST, send


def test_the_program_knows_the_lab_s_networks() -> None:
    """As the bytes lie in a packet."""
    constants = lab_sink._constants()

    assert constants["lab_ipv4_network"].to_bytes(4, "little") == bytes([198, 18, 0, 0])
    assert constants["lab_ipv4_mask"].to_bytes(4, "little") == bytes([255, 254, 0, 0])
    assert constants["lab_ipv6_network"].to_bytes(8, "little").hex() == "2001000200000000"
    assert constants["lab_ipv6_mask"].to_bytes(8, "little").hex() == "ffffffffffff0000"


@pytest.mark.root
@pytest.mark.parametrize("address", ["198.18.0.2", "2001:2::2"])
def test_what_is_meant_for_clients_passes(network: Topology, address: str) -> None:
    """Only forged sources end in the sink."""
    with sink(network.router, network.server_line.router_end) as made:
        network.clients[1].run(["ping", "-c", "1", "-W", "2", address])

        assert made.answers() == Answers(0, 0, 0)


@pytest.mark.root
def test_nothing_stays_on_the_interface(network: Topology) -> None:
    """The program ends with the block."""
    send(network, BURST, 1)
    shown = network.router.run(["ip", "link", "show", "dev", network.server_line.router_end])

    assert "xdp" not in shown
