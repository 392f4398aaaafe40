"""TCP sockets as the kernel lists them: listeners, half-open requests and peers.

Raw NETLINK_SOCK_DIAG: a library made of message objects was 80 times slower at 42,000 requests.
"""

import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from sys import byteorder
from typing import NamedTuple

from floodwall.core.address import MAPPED, Address, unpack
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
_HALF_OPEN = "!16x3xBHH16s16s4s8s4s16x"  # header and all of it, numbers of the host as bytes
_FIXED = _WIRE.size + _HOST.size
_INFO = 2  # attributes INET_DIAG_*
_SKMEMINFO = 7
_SKV6ONLY = 11
_ULP_INFO = 19  # comes only with _INFO, and only to CAP_NET_ADMIN
_ULP_NAME = 1  # INET_ULP_INFO_NAME
_RCVBUF = struct.Struct("=4xI")  # second word of SKMEMINFO
_DESTROYED_AT_ONCE = 200  # requests a send; 72 bytes each
_FAMILIES = (socket.AF_INET, socket.AF_INET6)


@dataclass(frozen=True, slots=True)
class Listener:
    """A listening TCP socket; `backlog` is min(listen(), somaxconn), queues count connections."""

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


def destroy(entries: Iterable[HalfOpen]) -> int:
    """Take half-open requests out of their queue without a reset; return how many were there.

    Minimum kernel: 4.9, with CONFIG_INET_DIAG_DESTROY.
    """
    bodies = [_name(entry) for entry in entries]
    destroyed = 0
    with Netlink(_NETLINK_SOCK_DIAG, "socket diagnostics") as diag:
        for start in range(0, len(bodies), _DESTROYED_AT_ONCE):
            chunk = bodies[start : start + _DESTROYED_AT_ONCE]
            destroyed += len(chunk) - len(diag.perform(_DESTROY, chunk))
    return destroyed


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


def _name(entry: HalfOpen) -> bytes:
    """Make the request that names one half-open entry, by addresses and cookie."""
    head = _REQUEST.pack(entry.family, socket.IPPROTO_TCP, 0, 1 << _SYN_RECV)
    local, remote = _plain(entry.family, entry.local), _plain(entry.family, entry.remote)
    names = _SOCKET_ID.pack(entry.local_port, entry.remote_port, local, remote)
    return head + names + _INTERFACE_COOKIE.pack(entry.ifindex, entry.cookie)


def _half_opens(family: int, run: Run) -> Iterator[HalfOpen]:
    """Unpack in one go what came in one read: floods make 50,000 requests."""
    head = MAPPED if family == socket.AF_INET else b""
    kept = 4 if family == socket.AF_INET else 16
    number, made = int.from_bytes, HalfOpen._make
    record = struct.Struct(f"{_HALF_OPEN}{run.step - HEADER.size - _FIXED}x")
    for again, local_port, port, local, remote, index, cookie, expires in record.iter_unpack(
        run.data
    ):
        yield made(
            (
                family,
                head + remote[:kept],
                port,
                head + local[:kept],
                local_port,
                again,
                number(expires, byteorder),
                number(cookie, byteorder),
                number(index, byteorder),
            )
        )


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
        rcvbuf=_RCVBUF.unpack_from(memory)[0] if memory else 0,
        mptcp=_is_mptcp(extra.get(_ULP_INFO)),
        v6only=bool(v6only and v6only[0]),
    )


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
