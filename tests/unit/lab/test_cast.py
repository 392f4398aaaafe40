"""Who takes part in a run."""

import time
from pathlib import Path

import pytest

from floodwall.lab import slow_app
from floodwall.lab.addresses import Family
from floodwall.lab.cast import _listed, cast
from floodwall.lab.connections import Crowd
from floodwall.lab.flood import Flood, Sources
from floodwall.lab.guarded import forged
from floodwall.lab.nginx import nginx
from floodwall.lab.scenario import Scenario, Visitors
from floodwall.lab.timeline import Timeline
from floodwall.lab.topology import PLAIN_NETWORK, Options, Topology, topology
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
    """A process for each network of clients, for its visitors, and one that watches the CPU."""
    scenario = Scenario("x", "", visitors=visitors)
    with (
        nginx(network.server, network.server_cpu),
        cast(network, scenario, SHORT) as everybody,
    ):
        started = [worker.pid for worker in everybody.everybody]

    assert len(started) == processes + 1
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


def test_those_who_must_never_be_cut_off_hold_sessions(network: Topology) -> None:
    """The SSH peer at its port, the gateway and the allowed clients at the server's."""
    with (
        nginx(network.server, network.server_cpu, more_ports=(22,)),
        cast(network, Scenario("x", "", guarded=True), SHORT) as everybody,
    ):
        everybody.go(time.monotonic_ns())
        reports = everybody.client_reports()

    assert len(reports) == 5
    assert [[one.interactive for one in report.long_lived] for report in reports[2:]] == [
        [True, True]
    ] * 3
    assert all(one.resets == 0 for report in reports for one in report.long_lived)
    assert all(report.attempts for report in reports)


def test_visitors_of_an_application_that_hangs_are_not_judged(network: Topology) -> None:
    """They come, but what they saw is not returned."""
    visitors = Visitors(20.0, port=slow_app.PORT, judged=False)
    with (
        nginx(network.server, network.server_cpu),
        cast(network, Scenario("x", "", visitors=visitors, slow_app=True), SHORT) as everybody,
    ):
        everybody.go(time.monotonic_ns())
        reports = everybody.client_reports()
        started = everybody.processes

    assert (len(reports), len(started)) == (2, 6)
    assert until(lambda: not any(_runs(one) for one in started), 5.0)


def test_attackers_with_real_addresses_open_connections() -> None:
    """From a network of their own, in both families."""
    with (
        topology(Options(attackers=True)) as network,
        nginx(network.server, network.server_cpu),
        cast(network, Scenario("x", "", crowd=Crowd(500.0, 5)), SHORT) as everybody,
    ):
        everybody.go(time.monotonic_ns())
        (report,) = everybody.connect_reports()
        everybody.client_reports()
        pauses = everybody.pauses()

    assert report.tried > 10
    assert report.opened == report.held
    assert report.tried - report.opened <= 3  # those that were on their way at the end
    assert pauses.total_ms >= pauses.worst_ms >= 0.0


@pytest.mark.parametrize("family", Family)
def test_listed_sources_are_the_guarded_unless_the_flood_names_others(family: Family) -> None:
    """Whoever they are on this machine."""
    named = Flood(Sources.LISTED, 1.0, family, addresses=("198.18.0.9",))

    assert _listed(Flood(Sources.LISTED, 1.0, family)).addresses == forged(family)
    assert _listed(named) is named


def _runs(process: int) -> bool:
    return Path(f"/proc/{process}").exists()
