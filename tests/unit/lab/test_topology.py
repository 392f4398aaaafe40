"""The lab's network."""

import json
from pathlib import Path

import pytest

from floodwall.lab.topology import PLAIN_NETWORK, Options, Topology, topology

pytestmark = pytest.mark.root


@pytest.mark.parametrize("address", ["198.18.0.2", "2001:2::2"])
def test_every_client_network_reaches_the_server(network: Topology, address: str) -> None:
    """Through the router, on both families."""
    for clients in network.clients.values():
        clients.run(["ping", "-c", "1", "-W", "2", address])


def test_one_network_of_clients_sends_no_timestamps(network: Topology) -> None:
    """The other one does."""
    path = Path("/proc/sys/net/ipv4/tcp_timestamps")
    found = {number: one.call(path.read_text) for number, one in network.clients.items()}

    assert {number for number, value in found.items() if value == "0\n"} == {PLAIN_NETWORK}


@pytest.mark.parametrize("offload", [True, False])
def test_checksums_are_left_to_hardware_only_if_asked_for(*, offload: bool) -> None:
    """Off by default, so that what is captured is what a wire carries."""
    with topology(Options(checksum_offload=offload)) as made:
        shown = made.clients[1].run(["ethtool", "-k", made.lines[1].far_end])

    assert f"tx-checksumming: {'on' if offload else 'off'}" in shown


def test_the_server_has_one_receive_queue_and_knows_its_router(network: Topology) -> None:
    """Attack and clients share it; no address is asked for in the middle of a flood."""
    shown = json.loads(network.server.run(["ip", "-json", "-details", "link", "show"]))
    (line,) = (one for one in shown if one["ifname"] == network.server_line.far_end)
    neighbours = network.server.run(["ip", "neighbour", "show", "nud", "permanent"])

    assert line["num_rx_queues"] == 1
    assert neighbours.count(network.server_line.router_mac) == 2


def test_attackers_have_a_network_of_their_own_if_asked_for() -> None:
    """Beside those of the clients, and no way around the router."""
    with topology(Options(attackers=True)) as made, topology(Options()) as without:
        assert made.attackers is not None
        made.attackers.run(["ping", "-c", "1", "-W", "2", "-I", "198.18.3.9", "198.18.0.2"])
        made.attackers.run(["ping", "-c", "1", "-W", "2", "2001:2::2"])
        assert list(made.clients) == list(without.clients)
        assert len(made.namespaces) == len(without.namespaces) + 1
        assert without.attackers is None


def test_two_labs_do_not_meet() -> None:
    """Names are random."""
    with topology(Options()) as one, topology(Options()) as other:
        assert one.server_line.far_end != other.server_line.far_end
        assert one.server.inode != other.server.inode
