"""Connections that are open live through everything that is done to their defence, under flood.

Each thing is done twenty times: settings reloaded, services armed and calmed, the daemon killed
and started again, Floodwall taken off and put on.
"""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from floodwall.kernel import _abi as abi
from floodwall.lab.addresses import Family, clients, server
from floodwall.lab.defence import Daemon, service_of
from floodwall.lab.flood import Aim, Flood, FloodOrder, FloodReport, Sources
from floodwall.lab.load import ClientOrder, ClientReport
from floodwall.lab.nginx import PORT, nginx
from floodwall.lab.process import Worker
from floodwall.lab.sink import sink
from floodwall.lab.topology import PLAIN_NETWORK, Options, Topology, topology
from floodwall.lab.wait import until

pytestmark = [pytest.mark.root, pytest.mark.timeout(240)]

TIMES = 20
RATE_PPS = 10_000.0


@dataclass
class Scene:
    """A protected server under flood; `daemon` changes when it is started anew."""

    lab: Topology
    daemon: Daemon

    def restart(self) -> None:
        """Start the daemon again and wait until its own program is in place."""
        before = self._program()
        self.daemon = start(self.lab)
        assert until(lambda: self._program() not in (None, before), 10.0)

    def _program(self) -> int | None:
        """Return the XDP program on the server's line: what a killed daemon left also protects."""
        line = self.lab.server_line.far_end
        shown = json.loads(self.lab.server.run(["ip", "-json", "link", "show", "dev", line]))[0]
        found: int | None = shown.get("xdp", {}).get("prog", {}).get("id")
        return found


def start(lab: Topology) -> Daemon:
    """Start Floodwall on the server, in the driver."""
    daemon = Daemon(lab.server, lab.server_line.far_end, generic=False)
    daemon.wait_ready()
    return daemon


def reload_settings(scene: Scene) -> None:
    """Have the settings read again by SIGHUP."""
    os.kill(scene.daemon.pid, signal.SIGHUP)
    time.sleep(0.1)  # a reload is done between two ticks


def arm_and_calm(scene: Scene) -> None:
    """Arm and calm by the limits, faster than any flood could."""
    with scene.daemon.tables() as tables:
        numbers = {service_of(tables, family) for family in Family} - {None}
        before = {number: tables.limits(number) for number in numbers if number is not None}
        for mode in (abi.Mode.ARMED, abi.Mode.AUTO):
            for number, limits in before.items():
                changed = abi.Limits.from_buffer_copy(bytes(limits))
                changed.mode = mode
                tables.set_limits(number, changed)
            time.sleep(0.1)  # packets pass in this mode


def kill_and_start(scene: Scene) -> None:
    """Kill the daemon as the kernel does when memory runs out, and start another."""
    os.kill(scene.daemon.pid, signal.SIGKILL)
    scene.daemon.stop()
    scene.restart()


def take_off_and_put_on(scene: Scene) -> None:
    """End it as Ctrl-C does, and start it anew."""
    scene.daemon.stop()
    scene.restart()


@pytest.mark.parametrize(
    ("disrupt", "seconds"),
    [
        (reload_settings, 10.0),
        (arm_and_calm, 15.0),
        (kill_and_start, 45.0),
        (take_off_and_put_on, 60.0),
    ],
)
def test_open_connections_never_notice(disrupt: Callable[[Scene], None], seconds: float) -> None:
    """No reset, and no silence over a second, in transfers and while somebody types."""
    with topology(Options()) as lab, sink(lab.router, lab.server_line.router_end):
        lab.server.write_sysctl("ipv4.tcp_syncookies", 1)
        with nginx(lab.server, lab.server_cpu), playing(lab, seconds) as reports:
            began_ns = time.monotonic_ns()
            scene = Scene(lab, start(lab))
            try:
                for _ in range(TIMES):
                    disrupt(scene)
                elapsed_ns = time.monotonic_ns() - began_ns
            finally:
                scene.daemon.stop()
            sessions = [one for report in reports() for one in report.long_lived]

    assert elapsed_ns < seconds * 1e9, "the connections were watched for too short a time"
    assert len(sessions) == 12
    assert [session.resets for session in sessions] == [0] * 12
    assert [session.stalls for session in sessions] == [0] * 12
    assert all(session.received_bytes for session in sessions)


@contextmanager
def playing(lab: Topology, seconds: float) -> Iterator[Callable[[], list[ClientReport]]]:
    """Clients with open connections, and a flood; the block gets a function that ends both."""
    end_ns = round(seconds * 1e9)
    line = lab.server_line
    aim = Aim(line.router_end, line.router_mac, line.far_mac, str(server(Family.IPV4)), PORT)
    flood = Flood(Sources.RANDOM, RATE_PPS)
    order = FloodOrder(flood, aim, ((0, end_ns),), 10**8, lab.clients_cpu)
    attacker = Worker("floodwall.lab.flood_worker", lab.router, order, FloodReport)
    people = [
        Worker(
            "floodwall.lab.client_worker",
            lab.clients[number],
            _order(lab, number, end_ns),
            ClientReport,
        )
        for number in lab.clients
    ]
    everybody: list[Worker[ClientReport] | Worker[FloodReport]] = [*people, attacker]
    try:
        for worker in everybody:
            worker.wait_ready()
        base_ns = time.monotonic_ns()
        for worker in everybody:
            worker.go(base_ns)
        yield lambda: [worker.report(seconds + 10.0) for worker in people]
    finally:
        for worker in everybody:
            worker.stop()


def _order(lab: Topology, network: int, stop_ns: int) -> ClientOrder:
    return ClientOrder(
        sources=tuple(str(one) for family in Family for one in clients(family, network, 10)),
        targets=tuple(str(server(family)) for family in Family),
        port=PORT,
        rate_per_s=5.0,
        start_ns=0,
        stop_ns=stop_ns,
        long_lived=3,
        timestamps=network != PLAIN_NETWORK,
        cpu=lab.clients_cpu,
    )
