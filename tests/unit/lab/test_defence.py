"""Floodwall as the lab starts it."""

import json
import time

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel import _abi as abi
from floodwall.lab import defence
from floodwall.lab.addresses import Family
from floodwall.lab.defence import Daemon, mechanism, service_of, states
from floodwall.lab.nginx import nginx
from floodwall.lab.sink import sink
from floodwall.lab.topology import Topology
from floodwall.lab.wait import until

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


def test_it_takes_settings_and_what_it_tells_is_kept(network: Topology) -> None:
    """One line of JSON for each event and each second."""
    line = network.server_line
    settings = "[services]\nobserve_ports = [80]\n"
    with nginx(network.server, network.server_cpu), sink(network.router, line.router_end):
        daemon = Daemon(network.server, line.far_end, generic=False, settings=settings)
        try:
            daemon.wait_ready()
            assert until(lambda: '"kind": "second"' in daemon.told(), 10.0)
            with daemon.tables() as tables:
                number = service_of(tables, Family.IPV4)
                assert number is not None
                mode = abi.Mode(tables.limits(number).mode)
            said = [json.loads(one) for one in daemon.told().splitlines()]
        finally:
            daemon.stop()

    assert mode is abi.Mode.OBSERVE
    assert {"plan", "second"} <= {one["kind"] for one in said}


def test_an_end_that_goes_wrong_is_told(network: Topology) -> None:
    """Here it has not yet come to its own handling of signals."""
    daemon = Daemon(network.server, network.server_line.far_end, generic=False)
    with pytest.raises(KernelError, match="Floodwall ended with"):
        daemon.stop()


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
