"""Who takes part in a run: the processes of clients and attackers, and what they are told."""

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

from floodwall.lab import guarded, slow_app
from floodwall.lab.addresses import CLIENTS_PER_NETWORK, Family, clients, server
from floodwall.lab.connect_worker import MOST_SOCKETS
from floodwall.lab.connections import ConnectOrder, ConnectReport, Crowd
from floodwall.lab.flood import Aim, Flood, FloodOrder, FloodReport, Sources
from floodwall.lab.flood_worker import MOST_PACKETS
from floodwall.lab.load import ClientOrder, ClientReport
from floodwall.lab.namespace import Namespace
from floodwall.lab.nginx import PORT
from floodwall.lab.pauses import PauseOrder, Pauses
from floodwall.lab.process import Worker
from floodwall.lab.scenario import Scenario
from floodwall.lab.timeline import Timeline
from floodwall.lab.topology import ATTACKERS_NETWORK, PLAIN_NETWORK, Topology

_CLIENT = "floodwall.lab.client_worker"
_ATTACKER = "floodwall.lab.flood_worker"
_CONNECTOR = "floodwall.lab.connect_worker"
_SLOW_APP = "floodwall.lab.slow_app"
_WATCHER = "floodwall.lab.pause_worker"
_GUESTS_PER_S = 5.0  # new connections of each guarded client, beside its session
_LONG_LIVED = 3  # connections a family and network: one interactive, two transfers
_REPORT_WITHIN_S = 30.0
_Any = TypeVar("_Any")
_Client = Worker[ClientReport]
_Participant = Worker[ClientReport] | Worker[FloodReport] | Worker[ConnectReport] | Worker[Pauses]


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody who takes part, ready to begin."""

    clients: tuple[Worker[ClientReport], ...]
    visitors: tuple[Worker[ClientReport], ...]
    attackers: tuple[Worker[FloodReport], ...]
    watcher: Worker[Pauses]
    connectors: tuple[Worker[ConnectReport], ...] = ()
    hopeless: tuple[Worker[ClientReport], ...] = ()
    """Visitors that nobody could serve."""
    bystanders: tuple[Worker[object], ...] = ()
    """Who is there, but is neither told to begin nor reports."""

    @property
    def everybody(self) -> tuple[_Participant, ...]:
        """All processes that are told to begin."""
        people = (*self.clients, *self.visitors, *self.hopeless)
        return (*people, *self.attackers, *self.connectors, self.watcher)

    @property
    def processes(self) -> tuple[int, ...]:
        """The ids of all processes."""
        return tuple(worker.pid for worker in (*self.everybody, *self.bystanders))

    def go(self, base_ns: int) -> None:
        """Let everybody begin: their times count from now."""
        for worker in self.everybody:
            worker.go(base_ns)

    def client_reports(self) -> list[ClientReport]:
        """Wait for all clients to end, and return what those saw who could be served."""
        for worker in self.hopeless:
            worker.report(_REPORT_WITHIN_S)
        return [worker.report(_REPORT_WITHIN_S) for worker in (*self.clients, *self.visitors)]

    def flood_reports(self) -> list[FloodReport]:
        """Wait for all attackers with forged addresses to end."""
        return [worker.report(_REPORT_WITHIN_S) for worker in self.attackers]

    def connect_reports(self) -> list[ConnectReport]:
        """Wait for all attackers with real addresses to end."""
        return [worker.report(_REPORT_WITHIN_S) for worker in self.connectors]

    def pauses(self) -> Pauses:
        """Return when the server's CPU stood still while the clients were judged."""
        return self.watcher.report(_REPORT_WITHIN_S)


@contextmanager
def cast(topology: Topology, scenario: Scenario, timeline: Timeline) -> Iterator[Cast]:
    """Start everybody, wait until they are ready, and end them whatever happens."""
    with ExitStack() as started:

        def start(module: str, place: Namespace, order: object, kind: type[_Any]) -> Worker[_Any]:
            worker = Worker(module, place, order, kind)
            started.callback(worker.stop)
            return worker

        def people(orders: Iterable[tuple[Namespace, ClientOrder]]) -> tuple[_Client, ...]:
            return tuple(start(_CLIENT, place, order, ClientReport) for place, order in orders)

        bystanders = tuple(
            start(_SLOW_APP, topology.server, slow_app.SlowOrder(topology.server_cpu), object)
            for _ in range(scenario.slow_app)
        )
        for worker in bystanders:
            worker.wait_ready()
        extra = people(_visitors(topology, scenario, timeline))
        judged = scenario.visitors is None or scenario.visitors.judged
        whole = Cast(
            people(_regulars(topology, scenario, timeline)),
            (*(extra if judged else ()), *people(_guests(topology, scenario, timeline))),
            tuple(
                start(_ATTACKER, topology.router, order, FloodReport)
                for order in _orders(topology, scenario, timeline)
            ),
            start(_WATCHER, topology.server, _watching(topology, timeline), Pauses),
            tuple(
                start(_CONNECTOR, place, order, ConnectReport)
                for place, order in _connectors(topology, scenario, timeline)
            ),
            () if judged else extra,
            bystanders,
        )
        for participant in whole.everybody:
            participant.wait_ready()
        yield whole


def _regulars(
    topology: Topology, scenario: Scenario, timeline: Timeline
) -> Iterator[tuple[Namespace, ClientOrder]]:
    """Yield what the usual clients of each network do from the first to the last second."""
    for number, place in topology.clients.items():
        yield (
            place,
            ClientOrder(
                sources=_sources(number, CLIENTS_PER_NETWORK),
                targets=_targets(),
                port=PORT,
                rate_per_s=scenario.clients_per_s / len(topology.clients),
                start_ns=0,
                stop_ns=timeline.stop_ns,
                long_lived=_LONG_LIVED,
                timestamps=number != PLAIN_NETWORK,
                cpu=topology.clients_cpu,
            ),
        )


def _visitors(
    topology: Topology, scenario: Scenario, timeline: Timeline
) -> Iterator[tuple[Namespace, ClientOrder]]:
    """Yield what additional clients do while the attack would be on."""
    visitors = scenario.visitors
    if visitors is None:
        return
    alone = visitors.addresses is not None
    networks = [min(topology.clients)] if alone else list(topology.clients)
    families = (Family.IPV4,) if alone else tuple(Family)
    for number in networks:
        yield (
            topology.clients[number],
            ClientOrder(
                sources=_sources(number, visitors.addresses or CLIENTS_PER_NETWORK, families),
                targets=_targets(families),
                port=visitors.port,
                rate_per_s=visitors.rate_per_s / len(networks),
                start_ns=timeline.attack_ns,
                stop_ns=timeline.calm_ns,
                long_lived=0,
                timestamps=number != PLAIN_NETWORK,
                cpu=topology.clients_cpu,
            ),
        )


def _guests(
    topology: Topology, scenario: Scenario, timeline: Timeline
) -> Iterator[tuple[Namespace, ClientOrder]]:
    """Yield what those do who must never be cut off: a session each, and new connections."""
    if not scenario.guarded:
        return
    inside = topology.clients[guarded.PEERS_NETWORK]
    peers = tuple(guarded.ssh_peer(family) for family in Family)
    gateways = tuple(guarded.gateway(family) for family in Family)
    named = tuple(str(one) for family in Family for one in guarded.allowed(family))
    for place, sources, port in (
        (inside, peers, guarded.SSH_PORT),
        (topology.router, gateways, PORT),
        (inside, named, PORT),
    ):
        yield (
            place,
            ClientOrder(
                sources=sources,
                targets=_targets(),
                port=port,
                rate_per_s=_GUESTS_PER_S,
                start_ns=0,
                stop_ns=timeline.stop_ns,
                long_lived=1,
                timestamps=True,
                cpu=topology.clients_cpu,
            ),
        )


def _watching(topology: Topology, timeline: Timeline) -> PauseOrder:
    return PauseOrder(timeline.judged_ns, timeline.calm_ns, topology.server_cpu)


def _connectors(
    topology: Topology, scenario: Scenario, timeline: Timeline
) -> Iterator[tuple[Namespace, ConnectOrder]]:
    """Yield what attackers with real addresses do."""
    crowd = scenario.crowd
    if crowd is None or topology.attackers is None:
        return
    yield (
        topology.attackers,
        ConnectOrder(
            sources=_interleaved(crowd),
            targets=_targets(),
            port=PORT,
            rate_per_s=crowd.rate_per_s,
            start_ns=timeline.attack_ns,
            stop_ns=timeline.calm_ns,
            most=MOST_SOCKETS,
            cpu=topology.clients_cpu,
        ),
    )


def _orders(topology: Topology, scenario: Scenario, timeline: Timeline) -> Iterator[FloodOrder]:
    """Yield one order for each flood of the scenario."""
    line = topology.server_line
    for flood in scenario.floods:
        yield FloodOrder(
            flood=_listed(flood),
            aim=Aim(
                line.router_end, line.router_mac, line.far_mac, str(server(flood.family)), PORT
            ),
            windows=flood.windows(timeline.attack_ns, timeline.calm_ns),
            max_packets=MOST_PACKETS,
            cpu=topology.clients_cpu,
        )


def _listed(flood: Flood) -> Flood:
    """Return the flood with its list of sources: the guarded, if it names none."""
    if flood.sources is Sources.LISTED and not flood.addresses:
        return replace(flood, addresses=guarded.forged(flood.family))
    return flood


def _targets(families: tuple[Family, ...] = tuple(Family)) -> tuple[str, ...]:
    return tuple(str(server(family)) for family in families)


def _sources(
    network: int, count: int, families: tuple[Family, ...] = tuple(Family)
) -> tuple[str, ...]:
    return tuple(str(one) for family in families for one in clients(family, network, count))


def _interleaved(crowd: Crowd) -> tuple[str, ...]:
    """Return the attackers' addresses, one family after the other in turn."""
    pools = [clients(family, ATTACKERS_NETWORK, crowd.addresses) for family in Family]
    return tuple(str(one) for pair in zip(*pools, strict=True) for one in pair)
