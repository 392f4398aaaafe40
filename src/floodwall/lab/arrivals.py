"""New clients: each a connection of its own, one request, one reply, gone.

An open loop: clients arrive at their rate whether or not the server keeps up.
"""

import errno
import selectors
import socket
import time
from dataclasses import dataclass
from ipaddress import ip_address

from floodwall.lab.load import REPLY_WITHIN_S, Attempt, ClientOrder, Outcome
from floodwall.lab.nginx import PAGE_BYTES
from floodwall.lab.tcp_info import TcpInfo, tcp_info

_IP_BIND_ADDRESS_NO_PORT = 24  # linux/in.h: the port is chosen by connect(), so that many can be
_REQUEST = b"GET / HTTP/1.1\r\nHost: lab\r\nConnection: close\r\n\r\n"
_READ_BYTES = 65536
_NO_INFO = TcpInfo(window_scale=False, sack=False, timestamps=False, retransmits=0)


@dataclass(slots=True)
class _Client:
    """One client on its way."""

    connection: socket.socket
    start_ns: int
    ipv6: bool
    connect_ns: int | None = None
    info: TcpInfo = _NO_INFO
    received: int = 0
    ok: bool = False


class Arrivals:
    """Lets clients come at a rate, and notes how each fared."""

    def __init__(self, order: ClientOrder, selector: selectors.BaseSelector) -> None:
        """Plan the arrivals of an order; sockets are watched by `selector`."""
        self._selector = selector
        self._order = order
        versions = {ip_address(address).version: address for address in order.targets}
        self._targets = versions
        self._sources = {
            version: [one for one in order.sources if ip_address(one).version == version]
            for version in versions
        }
        self._step_ns = 1e9 / order.rate_per_s if order.rate_per_s else 0.0
        self._come = 0
        self._under_way: dict[socket.socket, _Client] = {}
        self.attempts: list[Attempt] = []

    def next_ns(self) -> int | None:
        """Return when the next client comes, or None when all have."""
        if not self._step_ns:
            return None
        at = self._order.start_ns + int(self._come * self._step_ns)
        return at if at < self._order.stop_ns else None

    @property
    def finished(self) -> bool:
        """All have come, and none is under way any more."""
        return self.next_ns() is None and not self._under_way

    def tick(self, now: int) -> None:
        """Let in who is due, and give up on who has waited too long."""
        while (due := self.next_ns()) is not None and due <= now:
            self._let_in()
        late = now - int(REPLY_WITHIN_S * 1e9)
        for client in list(self._under_way.values()):  # in order of arrival
            if client.start_ns > late:
                break
            self._end(client, Outcome.TIMED_OUT)

    def handle(self, connection: socket.socket) -> None:
        """Go on with the client whose socket is ready."""
        client = self._under_way.get(connection)
        if client is None:
            return
        try:
            if client.connect_ns is None:
                self._connected(client)
            else:
                self._read(client)
        except OSError as error:
            self._end(client, _outcome_of(error))

    def _let_in(self) -> None:
        number, self._come = self._come, self._come + 1
        version = list(self._targets)[number % len(self._targets)]
        pool = self._sources[version]
        source = pool[number // len(self._targets) % len(pool)]
        ipv6 = version == 6
        connection = socket.socket(socket.AF_INET6 if ipv6 else socket.AF_INET)
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_IP, _IP_BIND_ADDRESS_NO_PORT, 1)
        connection.bind((source, 0))
        client = _Client(connection, time.monotonic_ns(), ipv6)
        self._under_way[connection] = client
        result = connection.connect_ex((self._targets[version], self._order.port))
        if result not in {0, errno.EINPROGRESS}:
            self._end(client, Outcome.REFUSED)
            return
        self._selector.register(connection, selectors.EVENT_WRITE, self)

    def _connected(self, client: _Client) -> None:
        now = time.monotonic_ns()
        problem = client.connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if problem:
            raise OSError(problem, "connect")
        client.info = tcp_info(client.connection)
        client.connect_ns = now - client.start_ns
        client.connection.send(_REQUEST)
        self._selector.modify(client.connection, selectors.EVENT_READ, self)

    def _read(self, client: _Client) -> None:
        data = client.connection.recv(_READ_BYTES)
        if not client.received:
            client.ok = data.startswith(b"HTTP/1.1 200")
        client.received += len(data)
        if not data:
            whole = client.ok and client.received > PAGE_BYTES
            self._end(client, Outcome.SERVED if whole else Outcome.CUT)

    def _end(self, client: _Client, outcome: Outcome) -> None:
        del self._under_way[client.connection]
        if client.connection in self._selector.get_map():
            self._selector.unregister(client.connection)
        client.connection.close()
        taken = time.monotonic_ns() - client.start_ns
        served = outcome is Outcome.SERVED
        if served and taken > REPLY_WITHIN_S * 1e9:
            outcome, served = Outcome.TIMED_OUT, False
        info = client.info
        self.attempts.append(
            Attempt(
                client.start_ns,
                outcome,
                client.ipv6,
                client.connect_ns,
                taken if served else None,
                info.retransmits,
                info.window_scale,
                info.sack,
                info.timestamps,
            )
        )


def _outcome_of(error: OSError) -> Outcome:
    if error.errno == errno.ECONNREFUSED:
        return Outcome.REFUSED
    if error.errno == errno.ETIMEDOUT:
        return Outcome.TIMED_OUT
    return Outcome.RESET
