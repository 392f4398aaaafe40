"""An application that hangs."""

import errno
import socket
from functools import partial
from pathlib import Path

import pytest

from floodwall.kernel.sockdiag import listeners
from floodwall.lab.addresses import Family, server
from floodwall.lab.process import Worker
from floodwall.lab.slow_app import BACKLOG, NAME, PORT, SlowOrder
from floodwall.lab.topology import Topology

pytestmark = pytest.mark.root


def connect(family: Family) -> socket.socket:
    """Become a client from the server itself."""
    return socket.create_connection((str(server(family)), PORT), 2.0)


def test_it_fills_up_and_says_nothing(network: Topology) -> None:
    """As many connections as its queue holds, on both families; the next one waits in vain."""
    app: Worker[object] = Worker(
        "floodwall.lab.slow_app", network.server, SlowOrder(network.server_cpu), object
    )
    held: list[socket.socket] = []
    try:
        app.wait_ready()
        (listener,) = (one for one in network.server.call(listeners) if one.port == PORT)
        name = Path(f"/proc/{app.pid}/comm").read_text().strip()
        for number in range(BACKLOG + 1):
            family = Family.IPV4 if number % 2 else Family.IPV6
            held.append(network.server.call(partial(connect, family)))
        late = network.server.call(lambda: socket.socket(socket.AF_INET6))
        held.append(late)
        late.settimeout(0.3)
        refused = late.connect_ex((str(server(Family.IPV6)), PORT))
    finally:
        for connection in held:
            connection.close()
        app.stop()

    assert (listener.backlog, listener.v6only, name) == (BACKLOG, False, NAME)
    assert refused == errno.EAGAIN
