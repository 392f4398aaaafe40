"""Real handshakes with listeners of this test, over loopback."""

import errno
import socket
import time
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from floodwall.core.errors import KernelError
from floodwall.core.model import SECOND_NS, Endpoint, Mechanism, Service
from floodwall.core.services import ServiceTable
from floodwall.core.settings import ServiceMode
from floodwall.core.settings_sense import CanaryPolicy
from floodwall.core.signs import Canary
from floodwall.kernel import sockdiag
from floodwall.sense import canary
from floodwall.sense.canary import CanarySensor, choose_endpoints
from tests.support.playbook import endpoint

POLICY = CanaryPolicy()


def place(server: socket.socket) -> Endpoint:
    """Return where a server listens."""
    address, port = server.getsockname()[:2]
    return Endpoint(ip_address(address), port)


@pytest.fixture
def server() -> Iterator[socket.socket]:
    """A listener that a test asks whether anybody came."""
    with socket.create_server(("127.0.0.1", 0), backlog=5) as made:
        made.setblocking(False)
        yield made


@pytest.fixture
def full() -> Iterator[socket.socket]:
    """A listener whose accept queue has no room."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as made,
        socket.create_connection(made.getsockname()),
    ):
        yield made


def try_once(sensor: CanarySensor, where: Endpoint, policy: CanaryPolicy = POLICY) -> Canary:
    """Begin one handshake and return its end."""
    sensor.begin(0, {7: where}, policy)
    (found,) = sensor.collect(0)
    return found


def test_a_listener_answers_and_its_application_sees_nothing(server: socket.socket) -> None:
    """The kernel's own round trip, an empty accept queue, and nothing half open."""
    found = try_once(CanarySensor(), place(server))

    assert (found.endpoint, found.index) == (place(server), 7)
    assert found.connected
    assert found.why == ""
    assert found.took_ms is not None
    assert 0 < found.took_ms < 1000
    with pytest.raises(BlockingIOError):
        server.accept()
    assert sockdiag.half_open(place(server).port) == []


def test_ipv6_is_tried_alike() -> None:
    """Families are equal in everything."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as made:
        assert try_once(CanarySensor(), place(made)).connected


def test_a_whole_handshake_can_be_had(server: socket.socket) -> None:
    """The application accepts a connection that is reset at once: it does not linger."""
    port = place(server).port
    found = try_once(CanarySensor(), place(server), CanaryPolicy(complete_ports=(port,)))
    connection, _ = server.accept()

    assert found.connected
    with connection, pytest.raises(ConnectionResetError):
        connection.recv(1)


def test_a_closed_port_refuses(server: socket.socket) -> None:
    """At once, and it is not called connected."""
    where = place(server)
    server.close()
    found = try_once(CanarySensor(), where)

    assert (found.connected, found.took_ms) == (False, None)
    assert found.why == "Connection refused"


def test_a_connection_with_itself_is_none(
    server: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a listener the kernel may choose the port itself as the near one."""
    where = place(server)
    server.close()
    real = canary._client

    def bound(endpoint: Endpoint, *, full: bool) -> socket.socket:
        made = real(endpoint, full=full)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((str(where.address), where.port))
        return made

    monkeypatch.setattr(canary, "_client", bound)
    found = try_once(CanarySensor(), where)

    assert (found.connected, found.why) == (False, "Connection refused")


def test_a_full_listener_lets_nobody_in(full: socket.socket) -> None:
    """Nothing is said before its time is over, and a next attempt begins then."""
    sensor, where = CanarySensor(), {0: place(full)}
    sensor.begin(0, where, POLICY)
    first = sensor.collect(0)
    sensor.begin(SECOND_NS - 1, where, POLICY)
    early = sensor.collect(SECOND_NS - 1)
    sensor.begin(SECOND_NS, where, POLICY)
    late = sensor.collect(SECOND_NS)
    sensor.begin(2 * SECOND_NS, where, POLICY)
    again = sensor.collect(2 * SECOND_NS)
    sensor.close()

    assert (first, early) == ((), ())
    assert late == again == (Canary(where[0], False, None, "no answer within 1 s", 0),)


@pytest.mark.slow
def test_a_late_answer_tells_how_late(full: socket.socket) -> None:
    """The SYN is sent again after a second; the kernel knows when its answer came."""
    sensor, where = CanarySensor(), {0: place(full)}
    patient = CanaryPolicy(timeout_s=5)
    began_ns = time.monotonic_ns()
    sensor.begin(began_ns, where, patient)
    full.accept()[0].close()
    found: tuple[Canary, ...] = ()
    while not found:
        time.sleep(0.05)
        now_ns = time.monotonic_ns()
        assert now_ns - began_ns < 4 * SECOND_NS
        found = sensor.collect(now_ns)

    (late,) = found
    assert late.connected
    assert late.took_ms is not None
    assert 500 < late.took_ms < 3500


def test_listeners_take_turns(server: socket.socket) -> None:
    """Many services cost no more than some."""
    sensor, policy = CanarySensor(), CanaryPolicy(per_second=2)
    where = dict.fromkeys((1, 3, 5), place(server))
    rounds = []
    for second in range(3):
        sensor.begin(second, where, policy)
        rounds.append([found.index for found in sensor.collect(second)])

    assert rounds == [[1, 3], [5, 1], [3, 5]]


def test_what_is_not_wanted_any_more_is_broken_off(full: socket.socket) -> None:
    """A service that went away, or a canary that was switched off."""
    sensor, where = CanarySensor(), {0: place(full)}
    sensor.begin(0, where, POLICY)
    sensor.begin(1, {}, POLICY)
    sensor.begin(5 * SECOND_NS, where, POLICY)

    assert sensor.collect(5 * SECOND_NS) == ()
    sensor.close()
    sensor.close()


@pytest.mark.parametrize("step", ["socket", "connect"])
def test_our_own_trouble_is_no_sign(
    server: socket.socket, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """No descriptor or no port left says nothing about the listener: the sensor fails."""

    class Portless(socket.socket):
        def connect_ex(self, _address: object) -> int:
            return errno.EADDRNOTAVAIL

    def client(_endpoint: Endpoint, *, full: bool) -> socket.socket:
        if step == "socket" or full:
            raise OSError(errno.EMFILE, "Too many open files")
        return Portless()

    monkeypatch.setattr(canary, "_client", client)
    sensor = CanarySensor()
    sensor.begin(0, {0: place(server)}, POLICY)
    with pytest.raises(KernelError, match="cannot try a listener: "):
        sensor.collect(0)


HOME, HOME6 = endpoint("192.0.2.10", 80), endpoint("2001:db8::10", 80)
ADDRESSES = frozenset({HOME.address, HOME6.address, ip_address("fe80::1")})


def table(*ends: Endpoint, device: int = 0) -> ServiceTable:
    """Make one service of these endpoints."""
    service = Service(4, ends[0], device, (), ServiceMode.PROTECT, Mechanism.HANDOVER, 128)
    return ServiceTable((service,), dict.fromkeys(ends, 4))


def test_one_endpoint_of_each_service_is_tried() -> None:
    """IPv4 before IPv6: their queue is one."""
    assert choose_endpoints(table(HOME6, HOME), ADDRESSES, POLICY) == {4: HOME}
    assert choose_endpoints(table(HOME6), ADDRESSES, POLICY) == {4: HOME6}


@pytest.mark.parametrize(
    ("made", "policy"),
    [
        (table(endpoint("198.51.100.7", 80)), POLICY),
        (table(endpoint("fe80::1", 80)), POLICY),
        (table(HOME, device=2), POLICY),
        (table(HOME), CanaryPolicy(exclude_ports=(80,))),
        (table(HOME), CanaryPolicy(enabled=False)),
    ],
)
def test_what_cannot_or_must_not_be_tried_is_left_out(
    made: ServiceTable, policy: CanaryPolicy
) -> None:
    """An address that is not ours: no packet leaves; a scope; a device; the operator's word."""
    assert choose_endpoints(made, ADDRESSES, policy) == {}
