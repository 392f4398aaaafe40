"""Real sockets for the data plane to find: listeners, connections, TIME_WAIT, requests."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from floodwall.kernel.sockdiag import Established, destroy
from tests.support.namespace import ip
from tests.support.oracle.world import FourTuple, SocketKind, World, packed
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, Packet

_SYN_RECV = "03"  # /proc/net/tcp
_LOOPBACK_MAC = "00:00:00:00:00:00"  # frames to another one are not for this host
_PATIENCE_S = 5.0
_ANY_COOKIE = 2**64 - 1  # INET_DIAG_NOCOOKIE, linux/inet_diag.h


class RealSockets:
    """Sockets in the namespace of this thread, told to the oracle's world as they are made."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def listen(self, address: str, port: int, backlog: int = 128) -> socket.socket:
        """Open a listener."""
        made = self._keep(socket.socket(_family(address), socket.SOCK_STREAM))
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((address, port))
        made.listen(backlog)
        self.world.listeners.add((packed(address), port))
        return made

    def fill(self, address: str, port: int, source: str) -> socket.socket:
        """Open a listener whose accept queue has no room: one connection where none may wait."""
        made = self.listen(address, port, backlog=0)
        client = self._keep(socket.socket(_family(source), socket.SOCK_STREAM))
        client.bind((source, 0))
        client.connect((address, port))
        remote, local = client.getsockname(), client.getpeername()
        waiting = (packed(remote[0]), remote[1], packed(local[0]), local[1])
        self.world.sockets[waiting] = SocketKind.OTHER
        self.world.full_listeners.add((packed(address), port))
        return made

    def connect(self, listener: socket.socket, source: str, port: int = 0) -> socket.socket:
        """Connect from `source`; return the server's end of the connection."""
        client = self._keep(socket.socket(_family(source), socket.SOCK_STREAM))
        client.bind((source, port))
        client.connect(listener.getsockname()[:2])
        server = self._keep(listener.accept()[0])
        self.world.sockets[four_tuple(server)] = SocketKind.OTHER
        self.world.sockets[four_tuple(client)] = SocketKind.OTHER
        return server

    def time_wait(self, listener: socket.socket, source: str, port: int = 0) -> FourTuple:
        """Leave a TIME_WAIT socket on the server's side; it lives for 60 s."""
        client = socket.socket(_family(source), socket.SOCK_STREAM)
        client.bind((source, port))
        client.connect(listener.getsockname()[:2])
        server, _ = listener.accept()
        four = four_tuple(server)
        server.shutdown(socket.SHUT_WR)
        client.recv(1)
        client.close()
        server.close()
        self.world.sockets[four] = SocketKind.TIME_WAIT
        return four

    def end_time_wait(self, four: FourTuple) -> None:
        """End it before its time; what is not known any more has no effect on another frame."""
        remote, remote_port, local, local_port = four
        entry = Established(local, local_port, remote, remote_port, _ANY_COOKIE, 0, 0)
        assert destroy([entry]) == 1, "the kernel does not end sockets in TIME_WAIT"
        del self.world.sockets[four]

    def request(self, listener: socket.socket, source: str, port: int) -> FourTuple:
        """Leave a half-open request by a SYN from an address that never answers."""
        address, listening = listener.getsockname()[:2]
        segment = TCP(source=port, destination=listening)
        layer = IPv6(source, address) if ":" in source else IPv4(source, address)
        send_on_loopback(Ethernet(_LOOPBACK_MAC) / layer / segment)
        four = (packed(source), port, packed(address), listening)
        wait_for(lambda: _half_open(port, ipv6=":" in source), "the request never appeared")
        self.world.sockets[four] = SocketKind.OTHER
        return four

    def _keep(self, made: socket.socket) -> socket.socket:
        return self._open.enter_context(made)


def route_nowhere() -> None:
    """Let replies to anybody vanish on the loopback device, so that requests stay half open."""
    ip("-4", "route", "add", "default", "dev", "lo")
    ip("-6", "route", "add", "default", "dev", "lo")


def send_on_loopback(packet: Packet) -> None:
    """Let the namespace receive a frame on its loopback device."""
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind(("lo", 0))
        raw.send(bytes(packet))


def four_tuple(server: socket.socket) -> FourTuple:
    """Return the tuple of a packet that this socket would receive."""
    remote, local = server.getpeername(), server.getsockname()
    return packed(remote[0]), remote[1], packed(local[0]), local[1]


def wait_for(condition: Callable[[], bool], problem: str) -> None:
    """Wait until the condition holds."""
    deadline = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(problem)
        time.sleep(0.01)


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _half_open(port: int, *, ipv6: bool) -> bool:
    name = "tcp6" if ipv6 else "tcp"
    table = Path("/proc/thread-self/net", name).read_text()
    rows = [line.split() for line in table.splitlines()]
    return any(row[3] == _SYN_RECV and row[2].endswith(f":{port:04X}") for row in rows)
