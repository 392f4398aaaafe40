"""A control server on a bench: its loop is turned by hand, and its clock is ours."""

from __future__ import annotations

import selectors
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from floodwall.app.control import Bounds, ControlServer
from floodwall.app.desk import Desk
from floodwall.app.peer import Peer
from floodwall.core.model import SECOND_NS
from floodwall.core.protocol import (
    HEADER_BYTES,
    SOCKET,
    VERSION,
    Answer,
    Request,
    decode_answer,
    encode,
    length_of,
)


@dataclass
class Bench:
    """A server, its clock in nanoseconds, and what its desk complained of."""

    server: ControlServer
    selector: selectors.BaseSelector
    path: Path
    now_ns: int = 0
    complaints: list[str] = field(default_factory=list)
    peers: list[socket.socket] = field(default_factory=list)

    def connect(self) -> socket.socket:
        """Connect a peer, which never waits."""
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        made.connect(str(self.path))
        made.setblocking(False)
        self.peers.append(made)
        return made

    def turn(self, times: int = 1) -> None:
        """Let the server do what is ready, once for each time."""
        for _ in range(times):
            for key, _ in self.selector.select(0):
                self.server.serve(key.fd, self.now_ns)
            self.server.tend(self.now_ns)

    def wait(self, seconds: float) -> None:
        """Let time go by, and the server see it."""
        self.now_ns += int(seconds * SECOND_NS)
        self.turn(2)

    def ask(self, peer: socket.socket, verb: str, **arguments: object) -> Answer:
        """Ask over a connection and return the answer."""
        peer.sendall(encode(Request(VERSION, 7, verb, dict(arguments))))
        self.turn(4)
        return read_answer(peer)


def read_answer(peer: socket.socket) -> Answer:
    """Read the answer that is there already."""
    header = peer.recv(HEADER_BYTES)
    return decode_answer(peer.recv(length_of(header)))


def is_closed(peer: socket.socket) -> bool:
    """Tell whether the other side has hung up, and said nothing before."""
    try:
        return peer.recv(1) == b""
    except BlockingIOError:
        return False
    except ConnectionError:
        return True


@contextmanager
def bench(
    run: Path,
    *,
    bounds: Bounds | None = None,
    desk: Desk | None = None,
    answer: Callable[[Peer, bytes], bytes] | None = None,
) -> Iterator[Bench]:
    """Open a control server for as long as a block runs."""
    complaints: list[str] = []
    chosen = desk or Desk({}, complaints.append)
    with selectors.DefaultSelector() as selector:
        server = ControlServer(run, selector, answer or chosen.answer, 0, bounds)
        made = Bench(server, selector, run / SOCKET, complaints=complaints)
        try:
            yield made
        finally:
            server.close()
            for peer in made.peers:
                peer.close()
