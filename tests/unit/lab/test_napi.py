"""The thread that receives."""

import os

import pytest

from floodwall.lab import napi
from floodwall.lab.topology import Topology
from floodwall.lab.wait import until

pytestmark = pytest.mark.root


def test_the_server_receives_on_its_own_cpu(network: Topology) -> None:
    """And the router on the clients'."""
    server = napi.thread_of(network.server_line.far_end)
    router = napi.thread_of(network.server_line.router_end)

    assert server is not None
    assert router is not None
    assert os.sched_getaffinity(server) == {network.server_cpu}
    assert os.sched_getaffinity(router) == {network.clients_cpu}


def test_receiving_costs_cpu_time(network: Topology) -> None:
    """The figure grows with packets."""
    thread = napi.thread_of(network.server_line.far_end)
    assert thread is not None
    before = napi.cpu_ns(thread)
    network.clients[1].run(["ping", "-c", "3", "-i", "0.002", "198.18.0.2"])

    assert until(lambda: napi.cpu_ns(thread) > before, 2.0)


def test_an_interface_without_thread_has_none() -> None:
    """A name that begins alike is not enough."""
    assert napi.thread_of("fw") is None
