"""Who takes part in a run."""

import time
from pathlib import Path

import pytest

from floodwall.lab.cast import cast
from floodwall.lab.nginx import nginx
from floodwall.lab.scenario import Scenario, Visitors
from floodwall.lab.timeline import Timeline
from floodwall.lab.topology import PLAIN_NETWORK, Topology
from floodwall.lab.wait import until

pytestmark = pytest.mark.root

SHORT = Timeline(0, 0, 0, 100_000_000, 200_000_000)


@pytest.mark.parametrize(
    ("visitors", "processes"),
    [(None, 2), (Visitors(100.0), 4), (Visitors(100.0, addresses=1), 3)],
)
def test_everybody_is_ready_and_ends_with_the_block(
    network: Topology, visitors: Visitors | None, processes: int
) -> None:
    """A process for each network of clients, and for its visitors."""
    scenario = Scenario("x", "", visitors=visitors)
    with (
        nginx(network.server, network.server_cpu),
        cast(network, scenario, SHORT) as everybody,
    ):
        started = [worker.pid for worker in everybody.everybody]

    assert len(started) == processes
    assert until(lambda: not any(_runs(one) for one in started), 5.0)


def test_clients_of_both_kinds_report(network: Topology) -> None:
    """With and without timestamps, each on both families."""
    with (
        nginx(network.server, network.server_cpu),
        cast(network, Scenario("x", ""), SHORT) as everybody,
    ):
        everybody.go(time.monotonic_ns())
        reports = everybody.client_reports()

    assert [report.timestamps for report in reports] == [True, False]
    for report in reports:
        assert {attempt.ipv6 for attempt in report.attempts} == {True, False}
        assert {attempt.timestamps for attempt in report.attempts} == {report.timestamps}
        assert len(report.long_lived) == 6
    assert list(network.clients)[1] == PLAIN_NETWORK


def _runs(process: int) -> bool:
    return Path(f"/proc/{process}").exists()
