"""Sockets are listed as the kernel has them, and half-open ones can be destroyed."""

import socket
import struct
import time
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from floodwall.core.address import pack
from floodwall.core.errors import NotSupported
from floodwall.kernel import sockdiag
from floodwall.kernel.netlink import split
from floodwall.kernel.sysctl import write
from tests.support.namespace import own_namespace
from tests.support.packets import TCP, Ethernet, IPv4, IPv6
from tests.support.sockets import route_nowhere, send_on_loopback, wait_for

IPPROTO_MPTCP = 262
LOOPBACK_MAC = "00:00:00:00:00:00"


def _listener_at(port: int) -> sockdiag.Listener:
    return next(each for each in sockdiag.listeners() if each.port == port)


def test_a_listener_is_described() -> None:
    """Address, port, backlog and buffer are those of the socket."""
    with socket.create_server(("127.0.0.1", 0), backlog=7) as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 50_000)
        found = _listener_at(server.getsockname()[1])

        assert (found.addr, found.backlog, found.accept_queue) == (ip_address("127.0.0.1"), 7, 0)
        assert found.rcvbuf == server.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
        assert not found.mptcp


def test_waiting_connections_are_counted() -> None:
    """The accept queue is how a slow application shows."""
    with socket.create_server(("127.0.0.1", 0), backlog=7) as server:
        address = server.getsockname()
        with socket.create_connection(address), socket.create_connection(address):
            assert _listener_at(address[1]).accept_queue == 2


@pytest.mark.parametrize("v6only", [True, False])
def test_an_ipv6_listener_says_whether_it_takes_ipv4(*, v6only: bool) -> None:
    """A listener on :: protects IPv4 too unless it says otherwise."""
    with socket.create_server(
        ("::", 0), family=socket.AF_INET6, dualstack_ipv6=not v6only
    ) as server:
        found = _listener_at(server.getsockname()[1])

    assert (found.family, found.v6only) == (socket.AF_INET6, v6only)


@pytest.mark.root
def test_an_mptcp_listener_is_known() -> None:
    """The kernel does not let BPF give requests to one."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, IPPROTO_MPTCP) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        assert _listener_at(server.getsockname()[1]).mptcp


def test_peers_are_listed_once() -> None:
    """IPv4 peers of a dual-stack socket are IPv4."""
    with socket.create_server(("::", 0), family=socket.AF_INET6, dualstack_ipv6=True) as server:
        port = server.getsockname()[1]
        with (
            socket.create_connection(("127.0.0.1", port)),
            socket.create_connection(("127.0.0.1", port)),
        ):
            assert sockdiag.established_peers(port) == [ip_address("127.0.0.1")]


@pytest.mark.parametrize("address", ["127.0.0.1", "::1"])
def test_connections_tell_what_they_received_and_when(address: str) -> None:
    """One spoke, one never did; the time of silence begins with the handshake."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.create_server((address, 0), family=family) as server:
        where = server.getsockname()[:2]
        with socket.create_connection(where) as loud, socket.create_connection(where) as mute:
            time.sleep(0.05)
            loud.sendall(b"hello")
            ends = {loud.getsockname()[1]: "loud", mute.getsockname()[1]: "mute"}
            rows = [row for row in sockdiag.established() if row.local_port == where[1]]

    found = {ends[row.remote_port]: row for row in rows}
    assert {name: row.received_bytes for name, row in found.items()} == {"loud": 5, "mute": 0}
    assert 40 <= found["mute"].quiet_ms < 5000
    assert found["loud"].quiet_ms < found["mute"].quiet_ms
    assert {(row.local, row.remote) for row in rows} == {(pack(address), pack(address))}
    assert len({row.cookie for row in rows}) == 2


def test_the_place_of_what_was_received_may_vary() -> None:
    """An attribute of the same length may come first in some messages of a read."""
    info = struct.pack("=HH52xI72xQ", 4 + 136, 2, 700, 9)
    other = struct.pack("=HH136x", 4 + 136, 77)
    row = struct.pack("=BBBBHH16s16sIQIIIII", 2, 1, 0, 0, 1, 2, b"a" * 16, b"b" * 16, *range(7))
    bodies = [row + info + other, row + other + info]
    length = 16 + len(bodies[0])
    read = b"".join(struct.pack("=IHHII", length, 20, 2, 1, 0) + body for body in bodies)
    (run,) = split(read)

    found = list(sockdiag._connections(socket.AF_INET, run))
    assert [(row.quiet_ms, row.received_bytes) for row in found] == [(700, 9), (700, 9)]


def test_a_kernel_that_does_not_tell_is_not_guessed_at() -> None:
    """Before 4.1 struct tcp_info had no bytes received."""
    row = bytes(72) + struct.pack("=HH104x", 108, 2)
    (run,) = split(struct.pack("=IHHII", 16 + len(row), 20, 2, 1, 0) + row)

    with pytest.raises(NotSupported, match="what a connection received"):
        list(sockdiag._connections(socket.AF_INET, run))


def test_a_connection_that_is_closing_is_not_open() -> None:
    """A server that forgets to close must not make abusers of its clients."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        where = server.getsockname()
        with socket.create_connection(where):
            before = [row for row in sockdiag.established() if row.local_port == where[1]]
        after = [row for row in sockdiag.established() if row.local_port == where[1]]

    assert (len(before), len(after)) == (1, 0)


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """A dual-stack listener in a namespace where replies get lost."""
    with own_namespace(["192.0.2.1", "2001:db8::1"]):
        route_nowhere()
        write("net.core.somaxconn", 65535)
        write("net.ipv4.tcp_max_syn_backlog", 200_000)
        write("net.ipv4.tcp_syncookies", 0)
        with socket.create_server(
            ("::", 80), family=socket.AF_INET6, dualstack_ipv6=True, backlog=65535
        ) as made:
            yield made


@pytest.mark.root
def test_a_listener_counts_what_it_dropped() -> None:
    """A handshake that finds no room."""
    with own_namespace(["192.0.2.1"]), socket.create_server(("192.0.2.1", 0), backlog=0) as server:
        where = server.getsockname()
        with socket.create_connection(where):
            before = _listener_at(where[1]).drops
            with pytest.raises(TimeoutError):
                socket.create_connection(where, timeout=0.1)
            after = _listener_at(where[1]).drops

    assert (before, after > before) == (0, True)


def _half_open_both() -> None:
    send_on_loopback(Ethernet(LOOPBACK_MAC) / IPv4("198.51.100.7", "192.0.2.1") / TCP(40000, 80))
    send_on_loopback(Ethernet(LOOPBACK_MAC) / IPv6("2001:db8:1::7", "2001:db8::1") / TCP(40001, 80))
    wait_for(lambda: len(sockdiag.half_open()) == 2, "the requests never appeared")


@pytest.mark.root
@pytest.mark.usefixtures("server")
def test_half_open_requests_are_listed() -> None:
    """IPv4 and IPv6 alike, with who and when."""
    _half_open_both()

    found = {each.source: each for each in sockdiag.half_open(80)}
    assert set(found) == {ip_address("198.51.100.7"), ip_address("2001:db8:1::7")}
    first = found[ip_address("198.51.100.7")]
    assert (first.remote_port, first.local, first.local_port) == (40000, pack("192.0.2.1"), 80)
    assert 0 < first.expires_ms <= 4000
    assert first.cookie


@pytest.mark.root
@pytest.mark.usefixtures("server")
def test_requests_of_other_ports_are_left_out() -> None:
    """The kernel filters."""
    _half_open_both()

    assert sockdiag.half_open(81) == []


@pytest.mark.root
@pytest.mark.usefixtures("server")
def test_half_open_requests_are_destroyed() -> None:
    """Each one once: a second time there is nothing to destroy."""
    _half_open_both()
    entries = sockdiag.half_open(80)

    assert [sockdiag.destroy(entries), sockdiag.destroy(entries)] == [2, 0]
    assert sockdiag.half_open() == []


@pytest.mark.root
@pytest.mark.usefixtures("server")
def test_a_full_queue_is_read_at_once() -> None:
    """20,000 requests are listed in a fraction of a second, and destroyed in one more."""
    frame = bytes(Ethernet(LOOPBACK_MAC) / IPv4("198.51.100.7", "192.0.2.1") / TCP(1, 80))
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind(("lo", 0))
        for number in range(20_000):
            raw.send(bytes(_with_port(frame, 1024 + number)))
    wait_for(lambda: len(sockdiag.half_open(80)) > 10_000, "the requests never appeared")

    began = time.monotonic()
    entries = sockdiag.half_open(80)
    listed = time.monotonic()
    destroyed = sockdiag.destroy(entries)
    done = time.monotonic()

    assert destroyed == len(entries)
    assert listed - began < 1.0
    assert done - listed < 2.0


def _with_port(frame: bytes, port: int) -> bytearray:
    """Change the source port; the checksum of the segment moves by as much."""
    changed = bytearray(frame)
    changed[34:36] = port.to_bytes(2, "big")
    checksum = int.from_bytes(frame[50:52], "big") - (port - 1)
    changed[50:52] = (checksum % 65535).to_bytes(2, "big")
    return changed
