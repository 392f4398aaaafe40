"""A protected server of the lab under siege: a flood, clients who stay, and a defence that ends.

For tests that do something to the defence meanwhile.
"""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from floodwall.lab.addresses import Family, clients, server
from floodwall.lab.defence import Daemon
from floodwall.lab.flood import Aim, Flood, FloodOrder, FloodReport, Sources
from floodwall.lab.load import ClientOrder, ClientReport
from floodwall.lab.nginx import PORT
from floodwall.lab.process import Worker
from floodwall.lab.topology import PLAIN_NETWORK, Topology
from floodwall.lab.wait import until
from tests.support.usage import usage

RATE_PPS = 10_000.0
STEADY = Flood(Sources.RANDOM, RATE_PPS)


@dataclass(frozen=True, slots=True)
class Restart:
    """How long a daemon took until it was in place, by the clock and on a CPU."""

    seconds: float
    cpu_s: float


@dataclass
class Scene:
    """A protected server under flood; `daemon` changes when it is started anew."""

    lab: Topology
    daemon: Daemon
    record: Path | None = None

    def restart(self) -> Restart:
        """Start the daemon again, and wait until its own program is in place.

        What a killed daemon left protects the server all the time.
        """
        before = self._program()
        self.daemon = start(self.lab, self.record)
        replaced = until(lambda: self._program() not in (None, before), 30.0)
        assert replaced, self.daemon.complained() or self.daemon.told()[-2000:]
        now = usage(self.daemon.pid)
        return Restart(now.at_s - self.daemon.started_ns / 1e9, now.cpu_s)

    def _program(self) -> int | None:
        """Return the XDP program on the server's line."""
        line = self.lab.server_line.far_end
        shown = json.loads(self.lab.server.run(["ip", "-json", "link", "show", "dev", line]))[0]
        found: int | None = shown.get("xdp", {}).get("prog", {}).get("id")
        return found


def start(lab: Topology, record: Path | None = None) -> Daemon:
    """Start Floodwall on the server, in the driver."""
    daemon = Daemon(lab.server, lab.server_line.far_end, generic=False, record=record)
    try:
        daemon.wait_ready()
    except BaseException:
        daemon.stop()
        raise
    return daemon


@contextmanager
def attacker(
    lab: Topology, flood: Flood, seconds: float, most: int = 10**8
) -> Iterator[Worker[FloodReport]]:
    """Get somebody ready to flood the server for some seconds or with some packets."""
    line = lab.server_line
    aim = Aim(line.router_end, line.router_mac, line.far_mac, str(server(flood.family)), PORT)
    order = FloodOrder(flood, aim, ((0, round(seconds * 1e9)),), most, lab.clients_cpu)
    worker = Worker("floodwall.lab.flood_worker", lab.router, order, FloodReport)
    try:
        worker.wait_ready()
        yield worker
    finally:
        worker.stop()


@contextmanager
def playing(
    lab: Topology, seconds: float, clients_per_s: float = 5.0
) -> Iterator[Callable[[], list[ClientReport]]]:
    """Clients with open connections, and a flood; the block gets a function that ends both."""
    end_ns = round(seconds * 1e9)
    people = [
        Worker(
            "floodwall.lab.client_worker",
            lab.clients[number],
            _order(lab, number, end_ns, clients_per_s),
            ClientReport,
        )
        for number in lab.clients
    ]
    try:
        for worker in people:
            worker.wait_ready()
        with attacker(lab, STEADY, seconds) as flood:
            base_ns = time.monotonic_ns()
            for worker in people:
                worker.go(base_ns)
            flood.go(base_ns)
            yield lambda: [worker.report(seconds + 10.0) for worker in people]
    finally:
        for worker in people:
            worker.stop()


def _order(lab: Topology, network: int, stop_ns: int, clients_per_s: float) -> ClientOrder:
    return ClientOrder(
        sources=tuple(str(one) for family in Family for one in clients(family, network, 10)),
        targets=tuple(str(server(family)) for family in Family),
        port=PORT,
        rate_per_s=clients_per_s,
        start_ns=0,
        stop_ns=stop_ns,
        long_lived=3,
        timestamps=network != PLAIN_NETWORK,
        cpu=lab.clients_cpu,
    )
