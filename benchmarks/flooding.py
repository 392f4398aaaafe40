"""A flood from the lab's generator, for as long as a benchmark looks."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from floodwall.lab.addresses import server
from floodwall.lab.flood import Aim, Flood, FloodOrder, FloodReport
from floodwall.lab.process import Worker
from floodwall.lab.topology import Topology

_MOST_PACKETS = 10**9


@contextmanager
def flooding(
    lab: Topology, flood: Flood, port: int, seconds: float
) -> Iterator[Worker[FloodReport]]:
    """Send a flood at the server for so many seconds, or until the end of the block."""
    line = lab.server_line
    aim = Aim(line.router_end, line.router_mac, line.far_mac, str(server(flood.family)), port)
    window = (0, round(seconds * 1e9))
    order = FloodOrder(flood, aim, (window,), _MOST_PACKETS, lab.clients_cpu)
    worker = Worker("floodwall.lab.flood_worker", lab.router, order, FloodReport)
    try:
        worker.wait_ready()
        worker.go(time.monotonic_ns())
        yield worker
    finally:
        worker.stop()
