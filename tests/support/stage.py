"""The standing cast of the data plane's tests: addresses, services, real sockets."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.namespace import own_namespace, write_sysctl
from tests.support.oracle.world import FourTuple, Service, World, packed
from tests.support.sockets import RealSockets, route_nowhere
from tests.support.subject import Subject

SERVER4, SERVER6 = "192.0.2.1", "2001:db8::1"
CLIENT4, CLIENT6 = "198.51.100.7", "2001:db8:1::7"  # with real sockets
STRANGER4, STRANGER6 = "203.0.113.9", "2001:db8:bad::9"  # route to nowhere
WEB, SECURE = 80, 443
ABSENT = 8080  # a service whose listener has just gone
FULL = 8443  # a service whose accept queue is full
CONNECTED_PORT, REQUEST_PORT = 40001, 40003
_FOREVER = 100  # retransmissions of a SYN-ACK before a request is given up
_ALWAYS = 2  # kernel cookies whatever the queue holds


@dataclass(slots=True)
class Stage:
    """A namespace with sockets, the program under test, and the world that both agree on."""

    subject: Subject
    sockets: RealSockets
    listeners: dict[tuple[str, int], socket.socket]

    def world(self) -> World:
        """Return a fresh world: a service on each port, and the sockets that are there."""
        world = World()
        world.addresses = {packed(SERVER4), packed(SERVER6)}
        ports = (WEB, SECURE, ABSENT, FULL)
        world.services = {number: Service() for number in range(len(ports))}
        for number, port in enumerate(ports):
            world.service_keys[packed(SERVER4), port] = number
            world.service_keys[packed(SERVER6), port] = number
        known = self.sockets.world
        world.sockets, world.listeners = known.sockets, known.listeners
        world.full_listeners = known.full_listeners
        return world

    def time_wait(self, address: str, source: str, source_port: int) -> FourTuple:
        """Leave a TIME_WAIT socket of the web service; it lives for 60 s."""
        return self.sockets.time_wait(self.listeners[address, WEB], source, source_port)

    def end_time_wait(self, four: FourTuple) -> None:
        """End such a socket: the world knows it no more, nor does the kernel."""
        self.sockets.end_time_wait(four)


@contextmanager
def set_stage(path: Path | None = None, *, cpu: int | None = None) -> Iterator[Stage]:
    """Make the namespace and sockets and load the program, on one CPU until the block ends."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before) if cpu is None else cpu})
    try:
        with own_namespace((SERVER4, SERVER6, CLIENT4, CLIENT6)):
            route_nowhere()
            write_sysctl("net.ipv4.tcp_synack_retries", _FOREVER)
            with RealSockets(World()) as sockets, Subject(path) as subject:
                stage = Stage(subject, sockets, _populate(sockets))
                write_sysctl("net.ipv4.tcp_syncookies", _ALWAYS)  # from now on no new requests
                yield stage
    finally:
        os.sched_setaffinity(0, before)


def _populate(sockets: RealSockets) -> dict[tuple[str, int], socket.socket]:
    cast = ((SERVER4, CLIENT4, STRANGER4), (SERVER6, CLIENT6, STRANGER6))
    listeners = {}
    for server, client, stranger in cast:
        for port in (WEB, SECURE):
            listeners[server, port] = sockets.listen(server, port)
        listeners[server, FULL] = sockets.fill(server, FULL, client)
        web = listeners[server, WEB]
        sockets.connect(web, client, CONNECTED_PORT)
        sockets.request(web, stranger, REQUEST_PORT)
    return listeners
