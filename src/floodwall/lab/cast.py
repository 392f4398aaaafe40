"""Who takes part in a run: the processes of clients and attackers, and what they are told."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from floodwall.lab.addresses import CLIENTS_PER_NETWORK, Family, clients, server
from floodwall.lab.flood import Aim, FloodOrder, FloodReport
from floodwall.lab.flood_worker import MOST_PACKETS
from floodwall.lab.load import ClientOrder, ClientReport
from floodwall.lab.nginx import PORT
from floodwall.lab.process import Worker
from floodwall.lab.scenario import Scenario, Visitors
from floodwall.lab.timeline import Timeline
from floodwall.lab.topology import PLAIN_NETWORK, Topology

_CLIENT = "floodwall.lab.client_worker"
_ATTACKER = "floodwall.lab.flood_worker"
_LONG_LIVED = 3  # connections a family and network: one interactive, two transfers
_REPORT_WITHIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who takes part, ready to begin."""

    clients: tuple[Worker[ClientReport], ...]
    visitors: tuple[Worker[ClientReport], ...]
    attackers: tuple[Worker[FloodReport], ...]

    @property
    def everybody(self) -> tuple[Worker[ClientReport] | Worker[FloodReport], ...]:
        """All processes."""
        return (*self.clients, *self.visitors, *self.attackers)

    def go(self, base_ns: int) -> None:
        """Let everybody begin: their times count from now."""
        for worker in self.everybody:
            worker.go(base_ns)

    def client_reports(self) -> list[ClientReport]:
        """Wait for all clients to end, visitors too."""
        return [worker.report(_REPORT_WITHIN_S) for worker in (*self.clients, *self.visitors)]

    def flood_reports(self) -> list[FloodReport]:
        """Wait for all attackers to end."""
        return [worker.report(_REPORT_WITHIN_S) for worker in self.attackers]


@contextmanager
def cast(topology: Topology, scenario: Scenario, timeline: Timeline) -> Iterator[Cast]:
    """Start everybody, wait until they are ready, and end them whatever happens."""
    with ExitStack() as started:

        def client(network: int, order: ClientOrder) -> Worker[ClientReport]:
            worker = Worker(_CLIENT, topology.clients[network], order, ClientReport)
            started.callback(worker.stop)
            return worker

        def attacker(order: FloodOrder) -> Worker[FloodReport]:
            worker = Worker(_ATTACKER, topology.router, order, FloodReport)
            started.callback(worker.stop)
            return worker

        regular = {at: _regulars(topology, at, scenario, timeline) for at in topology.clients}
        extra = _visitors(topology, scenario.visitors, timeline) if scenario.visitors else {}
        whole = Cast(
            tuple(client(network, order) for network, order in regular.items()),
            tuple(client(network, order) for network, order in extra.items()),
            tuple(attacker(order) for order in _orders(topology, scenario, timeline)),
        )
        for worker in whole.everybody:
            worker.wait_ready()
        yield whole


def _regulars(
    topology: Topology, network: int, scenario: Scenario, timeline: Timeline
) -> ClientOrder:
    """Return what the usual clients of a network do from the first to the last second."""
    return ClientOrder(
        sources=_sources(network, CLIENTS_PER_NETWORK),
        targets=_targets(),
        port=PORT,
        rate_per_s=scenario.clients_per_s / len(topology.clients),
        start_ns=0,
        stop_ns=timeline.stop_ns,
        long_lived=_LONG_LIVED,
        timestamps=network != PLAIN_NETWORK,
        cpu=topology.clients_cpu,
    )


def _visitors(topology: Topology, visitors: Visitors, timeline: Timeline) -> dict[int, ClientOrder]:
    """Return what additional clients do while the attack would be on, by network."""
    alone = visitors.addresses is not None
    networks = [min(topology.clients)] if alone else list(topology.clients)
    families = (Family.IPV4,) if alone else tuple(Family)
    return {
        network: ClientOrder(
            sources=_sources(network, visitors.addresses or CLIENTS_PER_NETWORK, families),
            targets=_targets(families),
            port=PORT,
            rate_per_s=visitors.rate_per_s / len(networks),
            start_ns=timeline.attack_ns,
            stop_ns=timeline.calm_ns,
            long_lived=0,
            timestamps=network != PLAIN_NETWORK,
            cpu=topology.clients_cpu,
        )
        for network in networks
    }


def _orders(topology: Topology, scenario: Scenario, timeline: Timeline) -> list[FloodOrder]:
    """Return one order for each flood of the scenario."""
    line = topology.server_line
    return [
        FloodOrder(
            flood=flood,
            aim=Aim(
                line.router_end, line.router_mac, line.far_mac, str(server(flood.family)), PORT
            ),
            windows=flood.windows(timeline.attack_ns, timeline.calm_ns),
            max_packets=MOST_PACKETS,
            cpu=topology.clients_cpu,
        )
        for flood in scenario.floods
    ]


def _targets(families: tuple[Family, ...] = tuple(Family)) -> tuple[str, ...]:
    return tuple(str(server(family)) for family in families)


def _sources(
    network: int, count: int, families: tuple[Family, ...] = tuple(Family)
) -> tuple[str, ...]:
    return tuple(str(one) for family in families for one in clients(family, network, count))
