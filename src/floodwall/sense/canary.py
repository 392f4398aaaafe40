"""Real handshakes with our own listeners: can a new user connect, and how fast.

Law: bounded in number and in time, nothing lingers, and no packet leaves this machine.

Unless the settings ask for more, the last step is left out: SYN, SYN-ACK, then a reset.  The kernel
answers a SYN only while both queues of the listener have room (tcp_conn_request()), so that says
as much as a whole handshake, and the application never sees it: no line in its log, no strike
against us as from MySQL's max_connect_errors, no missing PROXY header.

LIMIT: packets to ourselves take the loopback device, past XDP: the canary tries the listener, not
the link or the data plane.  What an application does after accept() is not tried either.
"""

import errno
import os
import select
import socket
import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from floodwall.core.address import Address
from floodwall.core.errors import KernelError
from floodwall.core.model import SECOND_NS, Endpoint, Mechanism
from floodwall.core.services import ServiceTable
from floodwall.core.settings_sense import CanaryPolicy
from floodwall.core.signs import Canary

_CLOSE_BY_RESET = struct.pack("ii", 1, 0)  # struct linger: on, 0 s
# Offsets in struct tcp_info, in 32-bit words.
_LAST_ACK_MS, _RTT_US, _RETRANSMITTED = 14, 17, 25
_WORDS = struct.Struct("=26I")
_NS_IN_MS = 1_000_000
_US_IN_MS = 1000
_UNDER_WAY = frozenset({0, errno.EINPROGRESS})
_REFUSED = frozenset({errno.ECONNREFUSED, errno.ECONNRESET})


@dataclass(frozen=True, slots=True)
class _Attempt:
    endpoint: Endpoint
    index: int
    socket: socket.socket
    began_ns: int


@dataclass(slots=True)
class CanarySensor:
    """Begins handshakes, and looks for their ends later: it never waits."""

    _open: dict[int, _Attempt] = field(default_factory=dict)
    _ended: list[Canary] = field(default_factory=list)
    _trouble: str = ""
    _turn: int = -1

    def begin(self, now_ns: int, endpoints: Mapping[int, Endpoint], policy: CanaryPolicy) -> None:
        """Try the listener behind each endpoint, by service; give up what took too long."""
        self._ended, self._trouble = [], ""
        self._collect(now_ns)
        for index, attempt in list(self._open.items()):
            if endpoints.get(index) != attempt.endpoint:
                self._close(attempt)
            elif now_ns - attempt.began_ns >= policy.timeout_s * SECOND_NS:
                self._end(attempt, why=f"no answer within {policy.timeout_s:g} s")
        for index in self._next(endpoints.keys() - self._open.keys(), policy.per_second):
            full = endpoints[index].port in policy.complete_ports
            self._begin(now_ns, index, endpoints[index], full=full)
        # Nearly all have been answered by now: to oneself, a packet arrives while it is sent.
        self._collect(now_ns)

    def collect(self, now_ns: int) -> tuple[Canary, ...]:
        """Return the handshakes that ended since the last `begin`; others are under way."""
        self._collect(now_ns)
        if self._trouble and not self._ended:
            raise KernelError(f"cannot try a listener: {self._trouble}")
        return tuple(self._ended)

    @property
    def trying(self) -> frozenset[int]:
        """The services whose answer is still to come."""
        return frozenset(self._open)

    def close(self) -> None:
        """Break off what is under way."""
        for attempt in list(self._open.values()):
            self._close(attempt)

    def _next(self, indexes: Iterable[int], most: int) -> list[int]:
        """Choose whose turn it is: those behind the last one that was tried come first."""
        ordered = sorted(indexes, key=lambda index: (index <= self._turn, index))[:most]
        if ordered:
            self._turn = ordered[-1]
        return ordered

    def _begin(self, now_ns: int, index: int, endpoint: Endpoint, *, full: bool) -> None:
        try:
            made = _client(endpoint, full=full)
        except OSError as error:
            self._trouble = os.strerror(error.errno or 0)
            return
        code = made.connect_ex((str(endpoint.address), endpoint.port))
        attempt = _Attempt(endpoint, index, made, now_ns)
        self._open[index] = attempt
        if code in _REFUSED:
            self._end(attempt, why=os.strerror(code))
        elif code not in _UNDER_WAY:  # no port or no route: says nothing about the listener
            self._trouble = f"{endpoint}: {os.strerror(code)}"
            self._close(attempt)

    def _collect(self, now_ns: int) -> None:
        for attempt in self._finished():
            code = attempt.socket.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                self._end(attempt, why=os.strerror(code))
            elif attempt.socket.getsockname() == attempt.socket.getpeername():
                # Nobody listens, and the kernel gave us the port itself: RFC 9293 section 3.5.
                self._end(attempt, why=os.strerror(errno.ECONNREFUSED))
            else:
                self._end(attempt, took_ms=_took_ms(attempt, now_ns))

    def _finished(self) -> Iterator[_Attempt]:
        poller = select.poll()
        by_descriptor = {attempt.socket.fileno(): attempt for attempt in self._open.values()}
        for descriptor in by_descriptor:
            poller.register(descriptor, select.POLLOUT)
        for descriptor, _ in poller.poll(0):
            yield by_descriptor[descriptor]

    def _end(self, attempt: _Attempt, *, took_ms: float | None = None, why: str = "") -> None:
        self._ended.append(
            Canary(attempt.endpoint, took_ms is not None, took_ms, why, attempt.index)
        )
        self._close(attempt)

    def _close(self, attempt: _Attempt) -> None:
        attempt.socket.close()
        del self._open[attempt.index]


def choose_endpoints(
    table: ServiceTable, addresses: frozenset[Address], policy: CanaryPolicy
) -> dict[int, Endpoint]:
    """Choose one endpoint of each service on an address of ours; IPv4 before IPv6.

    A listener that is bound to an interface hears nothing from ourselves, and is left out; so is
    what stands behind a gateway, which translates nothing that comes from itself.
    """
    if not policy.enabled:
        return {}
    deaf = {
        service.index
        for service in table.services
        if service.device or service.mechanism is Mechanism.SPLICE
    }
    chosen: dict[int, Endpoint] = {}
    for endpoint in sorted(table.keys, key=lambda e: (e.address.version, int(e.address), e.port)):
        address, index = endpoint.address, table.keys[endpoint]
        if address not in addresses or address.is_link_local or index in deaf:
            continue
        if endpoint.port not in policy.exclude_ports:
            chosen.setdefault(index, endpoint)
    return chosen


def _client(endpoint: Endpoint, *, full: bool) -> socket.socket:
    family = socket.AF_INET if endpoint.address.version == 4 else socket.AF_INET6
    made = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CLOSE_BY_RESET)
    if not full:
        # The kernel then keeps the last ACK back for 200 ms, so that data may carry it; our reset
        # is there before (tcp_rcv_synsent_state_process()).
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 0)
    return made


def _took_ms(attempt: _Attempt, now_ns: int) -> float:
    """Return the round trip; of a SYN that was sent again, the time until its answer."""
    raw = attempt.socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _WORDS.size)
    words: tuple[int, ...] = _WORDS.unpack(raw)
    if not words[_RETRANSMITTED]:
        return words[_RTT_US] / _US_IN_MS
    return max(0.0, (now_ns - attempt.began_ns) / _NS_IN_MS - words[_LAST_ACK_MS])
