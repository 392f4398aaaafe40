"""TCP sockets as the kernel lists them: listeners, half-open requests, connections and peers.

Raw NETLINK_SOCK_DIAG: a library made of message objects was 80 times slower at 42,000 requests.
"""

import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from floodwall.core.address import MAPPED, Address, unpack
from floodwall.core.errors import NotSupported
from floodwall.kernel.netlink import HEADER, Netlink, Run, attributes

_NETLINK_SOCK_DIAG = 4
_BY_FAMILY = 20  # SOCK_DIAG_BY_FAMILY
_DESTROY = 21  # SOCK_DESTROY, minimum kernel 4.5
_ESTABLISHED = 1
_SYN_RECV = 3
_LISTEN = 10
_REQUEST = struct.Struct("=BBBxI")  # struct inet_diag_req_v2 up to its socket id
_SOCKET_ID = struct.Struct("!HH16s16s")  # ports and addresses of struct inet_diag_sockid
_INTERFACE_COOKIE = struct.Struct("=IQ")  # the rest of it
_NO_SOCKET = bytes(_SOCKET_ID.size) + _INTERFACE_COOKIE.pack(0, 0)
# struct inet_diag_msg: family, state, timer, retrans, ports, addresses; then in host order:
_WIRE = struct.Struct("!BBBBHH16s16s")
_HOST = struct.Struct("=IQIIIII")  # interface, cookie, expires, rqueue, wqueue, uid, inode
_HALF_OPEN = "=16x3xBHH{kept}s{cut}x{kept}s{cut}xIQI16x"  # header and all, ports in network order
_FIXED = _WIRE.size + _HOST.size
_INFO = 2  # attributes INET_DIAG_*
_SKMEMINFO = 7
_SKV6ONLY = 11
_ULP_INFO = 19  # comes only with _INFO, and only to CAP_NET_ADMIN
_ULP_NAME = 1  # INET_ULP_INFO_NAME
_RCVBUF = struct.Struct("=4xI")  # second word of SKMEMINFO
_DROPS = struct.Struct("=32xI")  # ninth word of it, minimum kernel 4.7
_DESTROYED_AT_ONCE = 200  # requests a send; 72 bytes each
_ATTRIBUTE = struct.Struct("=HH")  # struct nlattr: len, type
# struct tcp_info up to tcpi_bytes_received: tcpi_last_data_recv is at 52, the other at 128.
_INFO_BYTES = 136
_CONNECTION = "4xHH16s16s4xQ20x"  # struct inet_diag_msg; ports in network order
_TCP_INFO = "4s52xI72xQ"  # header of the attribute, then the two fields of struct tcp_info
_FAMILIES = (socket.AF_INET, socket.AF_INET6)


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening TCP socket; `backlog` is min(listen(), somaxconn), queues count connections.

    `drops` are packets that it dropped since it was made, for whatever reason: sk_drops.
    """

    family: int
    addr: Address
    port: int
    ifindex: int
    backlog: int
    accept_queue: int
    uid: int
    inode: int
    rcvbuf: int
    mptcp: bool
    v6only: bool
    drops: int = 0


class HalfOpen(NamedTuple):
    """A request in SYN_RECV.  Addresses are 16 bytes, as everywhere in the data plane."""

    family: int
    remote: bytes
    remote_port: int
    local: bytes
    local_port: int
    retransmits: int
    expires_ms: int
    cookie: int
    ifindex: int

    @property
    def source(self) -> Address:
        """The remote address as an object."""
        return unpack(self.remote)


class Established(NamedTuple):
    """An open connection.  Addresses are 16 bytes, as everywhere in the data plane."""

    local: bytes
    local_port: int
    remote: bytes
    remote_port: int
    cookie: int
    """No other socket since boot has the same."""
    quiet_ms: int
    """Time since data came, or since the handshake if none ever did (lrcvtime)."""
    received_bytes: int

    @property
    def family(self) -> int:
        """The address family by which the kernel finds it."""
        return socket.AF_INET if self.remote.startswith(MAPPED) else socket.AF_INET6

    @property
    def ifindex(self) -> int:
        """Any interface."""
        # LIMIT: a connection bound to a device is not closed when its peer is banned.
        return 0


def listeners() -> list[Listener]:
    """Return every listening TCP socket of this network namespace."""
    with Netlink(_NETLINK_SOCK_DIAG, "socket diagnostics") as diag:
        wanted = 1 << (_INFO - 1) | 1 << (_SKMEMINFO - 1)
        return [
            _listener(view)
            for family in _FAMILIES
            for view in diag.dump(_BY_FAMILY, _ask(family, _LISTEN, extensions=wanted))
        ]


def half_open(port: int | None = None) -> list[HalfOpen]:
    """Return the requests that wait for the last step of their handshake, of one local port."""
    with Netlink(_NETLINK_SOCK_DIAG, "socket diagnostics") as diag:
        found: list[HalfOpen] = []
        for family in _FAMILIES:
            for run in diag.runs(_BY_FAMILY, _ask(family, _SYN_RECV, port or 0)):
                found.extend(_half_opens(family, run))
        return found


def destroy(entries: Iterable[HalfOpen | Established]) -> int:
    """Take half-open requests out of their queue, or close connections; return how many it were.

    A request goes without a reset; of a connection both sides hear that it was aborted.

    Minimum kernel: 4.9, with CONFIG_INET_DIAG_DESTROY.
    """
    bodies = [_name(entry) for entry in entries]
    destroyed = 0
    with Netlink(_NETLINK_SOCK_DIAG, "socket diagnostics") as diag:
        for start in range(0, len(bodies), _DESTROYED_AT_ONCE):
            chunk = bodies[start : start + _DESTROYED_AT_ONCE]
            destroyed += len(chunk) - len(diag.perform(_DESTROY, chunk))
    return destroyed


def established() -> list[Established]:
    """Return every open connection of this network namespace, with what it received and when.

    LIMIT: a connection that one side has closed is not listed: in CLOSE_WAIT it is for our own
    application to go on, and a leak of it must not be held against its clients.
    Minimum kernel: 4.1, for tcpi_bytes_received.
    """
    wanted = 1 << (_INFO - 1)
    with Netlink(_NETLINK_SOCK_DIAG, "socket diagnostics") as diag:
        found: list[Established] = []
        for family in _FAMILIES:
            for run in diag.runs(_BY_FAMILY, _ask(family, _ESTABLISHED, extensions=wanted)):
                found.extend(_connections(family, run))
        return found


def established_peers(local_port: int) -> list[Address]:
    """Return the distinct remote addresses of connections to a local port."""
    with Netlink(_NETLINK_SOCK_DIAG, "socket diagnostics") as diag:
        found: dict[Address, None] = {}
        for family in _FAMILIES:
            for view in diag.dump(_BY_FAMILY, _ask(family, _ESTABLISHED, local_port)):
                found[unpack(_address(family, _WIRE.unpack_from(view)[7]))] = None
        return list(found)


def _ask(family: int, state: int, port: int = 0, *, extensions: int = 0) -> bytes:
    """Make struct inet_diag_req_v2; the kernel filters by state and local port."""
    head = _REQUEST.pack(family, socket.IPPROTO_TCP, extensions, 1 << state)
    return head + _SOCKET_ID.pack(port, 0, bytes(16), bytes(16)) + _INTERFACE_COOKIE.pack(0, 0)


def _name(entry: HalfOpen | Established) -> bytes:
    """Make the request that names one socket, by addresses and cookie."""
    head = _REQUEST.pack(entry.family, socket.IPPROTO_TCP, 0, 1 << _SYN_RECV)
    local, remote = _plain(entry.family, entry.local), _plain(entry.family, entry.remote)
    names = _SOCKET_ID.pack(entry.local_port, entry.remote_port, local, remote)
    return head + names + _INTERFACE_COOKIE.pack(entry.ifindex, entry.cookie)


def _half_opens(family: int, run: Run) -> Iterator[HalfOpen]:
    """Unpack in one go what came in one read: floods make 50,000 requests."""
    kept = 4 if family == socket.AF_INET else 16
    head = MAPPED[: 16 - kept]
    padding = run.step - HEADER.size - _FIXED
    record = struct.Struct(_HALF_OPEN.format(kept=kept, cut=16 - kept) + f"{padding}x")
    made, order = HalfOpen._make, socket.ntohs
    for again, near, far, local, remote, index, cookie, expires in record.iter_unpack(run.data):
        source, place = (head + remote, order(far)), (head + local, order(near))
        yield made((family, *source, *place, again, expires, cookie, index))


def _connections(family: int, run: Run) -> Iterator[Established]:
    """Unpack in one go what came in one read, if struct tcp_info stands at one place in it."""
    body_bytes = run.step - HEADER.size
    at = _info_at(run.data[HEADER.size : run.length])
    rows = struct.Struct(f"={HEADER.size}x{_layout(at, body_bytes)}")
    mark = bytes(run.data[HEADER.size + at :][: _ATTRIBUTE.size])
    for number, row in enumerate(rows.iter_unpack(run.data)):
        if row[5] == mark:
            yield _connection(family, row)
            continue
        body = run.data[number * run.step + HEADER.size :][:body_bytes]
        yield _connection(family, struct.unpack(f"={_layout(_info_at(body), body_bytes)}", body))


def _layout(at: int, body_bytes: int) -> str:
    """Describe a message whose attribute with struct tcp_info begins at `at`."""
    rest = body_bytes - at - _ATTRIBUTE.size - _INFO_BYTES
    return f"{_CONNECTION}{at - _FIXED}x{_TCP_INFO}{rest}x"


def _info_at(view: memoryview) -> int:
    """Find the attribute with struct tcp_info."""
    at = _FIXED
    while at + _ATTRIBUTE.size <= len(view):
        length, kind = _ATTRIBUTE.unpack_from(view, at)
        if kind == _INFO and length >= _ATTRIBUTE.size + _INFO_BYTES:
            return at
        at += max(length + 3 & ~3, _ATTRIBUTE.size)
    raise NotSupported(
        "the kernel does not tell what a connection received",
        feature="tcpi_bytes_received",
        minimum_kernel="4.1",
    )


def _connection(family: int, row: tuple[Any, ...]) -> Established:
    near, far, local, remote, cookie, _, quiet_ms, received = row
    if family == socket.AF_INET:
        local, remote = MAPPED + local[:4], MAPPED + remote[:4]
    order = socket.ntohs
    return Established(local, order(near), remote, order(far), cookie, quiet_ms, received)


def _listener(view: memoryview) -> Listener:
    family, _, _, _, port, _, local, _ = _WIRE.unpack_from(view)
    ifindex, _, _, waiting, backlog, uid, inode = _HOST.unpack_from(view, _WIRE.size)
    extra = attributes(view, _FIXED)
    memory = extra.get(_SKMEMINFO)
    v6only = extra.get(_SKV6ONLY)
    return Listener(
        family=family,
        addr=unpack(_address(family, local)),
        port=port,
        ifindex=ifindex,
        backlog=backlog,
        accept_queue=waiting,
        uid=uid,
        inode=inode,
        rcvbuf=_word(_RCVBUF, memory),
        drops=_word(_DROPS, memory),
        mptcp=_is_mptcp(extra.get(_ULP_INFO)),
        v6only=bool(v6only and v6only[0]),
    )


def _word(layout: struct.Struct, memory: memoryview | None) -> int:
    if memory is None or len(memory) < layout.size:
        return 0
    return int(layout.unpack_from(memory)[0])


def _is_mptcp(upper: memoryview | None) -> bool:
    """Tell whether the socket is the TCP side of an MPTCP one (default of Go from 1.24 on)."""
    if upper is None:
        return False
    name = attributes(upper, 0).get(_ULP_NAME, memoryview(b""))
    return bytes(name).rstrip(b"\0") == b"mptcp"


def _address(family: int, raw: bytes) -> bytes:
    return MAPPED + raw[:4] if family == socket.AF_INET else raw


def _plain(family: int, packed: bytes) -> bytes:
    return packed[12:] + bytes(12) if family == socket.AF_INET else packed
