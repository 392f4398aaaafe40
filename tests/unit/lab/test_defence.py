"""Floodwall as the lab starts it."""

import time
from ipaddress import ip_address

import pytest

from floodwall.core.address import pack
from floodwall.core.errors import KernelError
from floodwall.kernel import _abi as abi
from floodwall.lab import defence
from floodwall.lab.addresses import Family
from floodwall.lab.defence import Daemon, mechanism, service_of, states, unproven_bans
from floodwall.lab.nginx import nginx
from floodwall.lab.sink import sink
from floodwall.lab.topology import Topology

pytestmark = pytest.mark.root


@pytest.mark.parametrize("generic", [False, True])
def test_it_protects_the_server_until_it_is_stopped(network: Topology, *, generic: bool) -> None:
    """In the driver or behind it, as asked for; nothing is left."""
    line = network.server_line
    with (
        nginx(network.server, network.server_cpu),
        sink(network.router, line.router_end),
    ):
        daemon = Daemon(network.server, line.far_end, generic=generic)
        try:
            daemon.wait_ready()
            place = daemon.place()
            with daemon.tables() as tables:
                where = mechanism(tables, network.server, line.far_end)
                found = [service_of(tables, family) for family in Family]
                armed = [state.armed_at_ns for state in states(tables)]
        finally:
            daemon.stop()

    assert where.startswith("generic XDP" if generic else "native XDP")
    assert None not in found
    assert not any(armed)
    assert place is not None
    assert not place.exists()
    assert daemon.started_ns < daemon.ready_ns < time.monotonic_ns()


def test_a_ban_counts_as_unproven_until_its_source_has_proven_to_be_real(
    network: Topology,
) -> None:
    """By a cookie or a handshake."""
    line = network.server_line
    liar, client = (pack(ip_address(one)) for one in ("192.0.2.1", "192.0.2.2"))
    with nginx(network.server, network.server_cpu), sink(network.router, line.router_end):
        daemon = Daemon(network.server, line.far_end, generic=False)
        try:
            daemon.wait_ready()
            with daemon.tables() as tables:
                tables.proven.update(client, bytes(abi.Proof(1, 1)))
                for source in (liar, client):
                    tables.bans.update(source, bytes(abi.Ban(0, 0, 0)))
                found = unproven_bans(tables)
        finally:
            daemon.stop()

    assert found == [ip_address("192.0.2.1")]


def test_its_own_words_are_told_if_it_does_not_start(
    network: Topology, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Instead of waiting for what will not come."""
    monkeypatch.setattr(defence, "_COMMAND", (*defence._COMMAND, "--nonsense"))
    daemon = Daemon(network.server, network.server_line.far_end, generic=False)
    try:
        with pytest.raises(KernelError, match=r"ended with 2: (.|\n)*--nonsense"):
            daemon.wait_ready()
    finally:
        daemon.stop()
