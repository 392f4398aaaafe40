"""What the daemon's senses make of real sockets, and what they cost."""

from __future__ import annotations

import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import fields
from ipaddress import ip_address

import pytest

from floodwall.core.model import Endpoint
from floodwall.core.observation import Observation
from floodwall.core.services import ServiceTable
from floodwall.core.settings_sense import CanaryPolicy
from floodwall.core.signs import Connections, Queue, Signs, StackCounters
from floodwall.kernel import netlink, sockdiag
from floodwall.sense.observe import Observer, Wanted
from tests.support.memory_tables import memory_tables
from tests.support.namespace import own_namespace, write_sysctl
from tests.support.packets import TCP, Ethernet, IPv4
from tests.support.sockets import route_nowhere, wait_for

pytestmark = [pytest.mark.root, pytest.mark.live]

WEB = Endpoint(ip_address("192.0.2.1"), 80)
CLIENT = "127.0.0.7"  # loopback addresses are not among our own: a stranger to the sensors
HALF_OPEN, ESTABLISHED = 50_000, 4_000
ROOM = 4 * HALF_OPEN  # beyond half of a queue the kernel drops entries early, reqsk_timer_handler
NOBODY = 65534
SYN_RETRIES = 8  # so that no entry expires meanwhile


class Watched:
    """A server in a namespace of its own, and the senses that look at it."""

    def __init__(self, held: ExitStack) -> None:
        self._held = held
        self.observer = Observer(memory_tables())
        held.callback(self.observer.close)

    def listen(self, backlog: int) -> socket.socket:
        """Open the listener."""
        server = socket.create_server((str(WEB.address), WEB.port), backlog=backlog)
        return self._held.enter_context(server)

    def connect(self, source: str = CLIENT) -> socket.socket:
        """Connect a client that says nothing."""
        client = self._held.enter_context(socket.socket())
        client.settimeout(2)
        client.bind((source, 0))
        client.connect((str(WEB.address), WEB.port))
        return client

    def accept(self, server: socket.socket) -> socket.socket:
        """Accept a client."""
        return self._held.enter_context(server.accept()[0])

    def see(self, *, canary: bool = True) -> Observation:
        """Look once."""
        wanted = Wanted(
            interfaces=frozenset({1}),
            can_hand_over=True,
            services=(0,),
            ssh_ports=(),
            allowed=frozenset(),
            table=ServiceTable(keys={WEB: 0}),
            canary=CanaryPolicy(enabled=canary),
            idle_s=0.2,
        )
        return self.observer.observe(time.monotonic_ns(), wanted)


@pytest.fixture
def watched() -> Iterator[Watched]:
    """A namespace where replies to strangers get lost."""
    with own_namespace([str(WEB.address)]), ExitStack() as held:
        route_nowhere()
        yield Watched(held)


def queue(seen: Observation) -> Queue:
    """Return the queue of the server."""
    assert seen.signs.queues is not None
    (found,) = seen.signs.queues
    return found


def held(seen: Observation) -> Connections:
    """Return the connections of the server."""
    assert seen.signs.connections is not None
    (found,) = seen.signs.connections
    return found


def stack(seen: Observation) -> StackCounters:
    """Return what the stack counted."""
    assert seen.signs.stack is not None
    return seen.signs.stack


def test_a_slow_application_shows(watched: Watched) -> None:
    """A full accept queue, its owner, overflows, and a canary that does not get in."""
    watched.listen(backlog=1)
    first = watched.see()
    clients = [watched.connect(), watched.connect()]
    watched.see()
    time.sleep(1.1)
    last = watched.see()

    assert len(clients) == 2
    assert (queue(first).waiting, queue(last).waiting, queue(last).backlog) == (0, 2, 1)
    assert queue(last).fill == 2
    assert queue(last).process
    assert queue(last).pid
    assert stack(last).listen_overflows > stack(first).listen_overflows
    assert first.signs.canaries is not None
    assert [canary.connected for canary in first.signs.canaries] == [True]
    assert last.signs.canaries is not None
    assert [canary.connected for canary in last.signs.canaries] == [False]


def test_connections_that_say_nothing_show(watched: Watched) -> None:
    """Those of a stranger are counted, those of this machine are not."""
    server = watched.listen(backlog=16)
    first = watched.see()
    loud, mute, own = watched.connect(), watched.connect(), watched.connect(str(WEB.address))
    ends = [watched.accept(server) for _ in range(3)]
    loud.sendall(b"hello")
    second = watched.see()
    time.sleep(1.1)
    loud.sendall(b"again")
    third = watched.see()

    assert mute.fileno() != own.fileno()
    assert len(ends) == 3
    assert (held(first).established, held(second).opened, held(third).opened) == (0, 2, 0)
    assert (held(third).established, held(third).silent, held(third).sources) == (2, 1, 1)
    (peer,) = held(third).peers
    assert str(peer.address) == CLIENT
    assert (peer.concurrent, peer.silent, peer.mute) == (2, 1, 1)


def test_a_canary_leaves_no_trace(watched: Watched) -> None:
    """Nothing is accepted, nothing waits, nothing lingers, and no one is held to be our client."""
    server = watched.listen(backlog=16)
    server.setblocking(False)
    for _ in range(20):
        last = watched.see()

    assert (queue(last).waiting, queue(last).half_open) == (0, 0)
    assert last.half_open == ()
    assert held(last).established == 0
    assert stack(last).passive_opens == 0
    assert sockdiag.established() == []
    with pytest.raises(BlockingIOError):
        server.accept()


def test_a_tiny_buffer_loses_nothing(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel waits for the reader of a dump: there is no stream of events to fall behind."""
    write_sysctl("net.core.somaxconn", 4096)
    write_sysctl("net.ipv4.tcp_max_syn_backlog", 8192)
    write_sysctl("net.ipv4.tcp_syncookies", 0)
    watched.listen(backlog=4096)
    _flood(4000)
    wait_for(lambda: len(sockdiag.half_open()) == 4000, "the requests never appeared")
    monkeypatch.setattr(netlink, "_BUFFER", 1)
    seen = watched.see(canary=False)

    assert seen.failures == ()
    assert seen.requests == {WEB: 4000}
    assert seen.half_open is not None
    assert len({entry.remote for entry in seen.half_open}) == 4000


def test_without_privileges_most_is_seen_and_the_rest_is_named(watched: Watched) -> None:
    """A sensor that may not look fails alone; queues, counters and the canary need nothing."""
    watched.listen(backlog=16)
    failed, blind = _as_nobody(watched)

    assert set(failed) <= {"connection tracking", "translated ports"}
    assert set(blind) <= {"cpu", "hints", "conntrack"}  # CPUs: nothing to compare with yet


def _as_nobody(watched: Watched) -> tuple[list[str], list[str]]:
    """Look once as a user without any right; return failed sensors and signs that are None."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            seen = watched.see()
            unseen = [each.name for each in fields(Signs) if getattr(seen.signs, each.name) is None]
            told = json.dumps([[failure.sensor for failure in seen.failures], unseen])
        except BaseException as error:  # noqa: BLE001  a child must not go on as a second pytest
            told = json.dumps([[repr(error)], []])
        os.write(writer, told.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        failed, blind = json.loads(answer.read())
    os.waitpid(child, 0)
    return failed, blind


@pytest.mark.timeout(120)
def test_a_second_under_flood_costs_a_part_of_it(watched: Watched) -> None:
    """50,000 half-open and 8,000 established sockets: raw reading, and the whole of an observation.

    The limits are several times what one idle core takes, since tests share theirs.
    """
    for name, value in {
        "net.core.somaxconn": ROOM,
        "net.ipv4.tcp_max_syn_backlog": ROOM,
        "net.ipv4.tcp_syncookies": 0,
        "net.ipv4.tcp_synack_retries": SYN_RETRIES,
    }.items():
        write_sysctl(name, value)
    server = watched.listen(backlog=ROOM)
    for _ in range(ESTABLISHED):
        watched.connect()
        watched.accept(server)
    _flood(HALF_OPEN)
    wait_for(lambda: len(sockdiag.half_open()) == HALF_OPEN, "the requests never appeared")

    raw_s = _fastest(lambda: len(sockdiag.half_open()))
    whole_s = _fastest(lambda: watched.see(canary=False).now_ns)
    seen = watched.see(canary=False)

    assert seen.failures == ()
    assert queue(seen).half_open == sum(seen.requests.values()) == HALF_OPEN
    assert seen.half_open is not None
    assert 0 < len(seen.half_open) < HALF_OPEN
    assert held(seen).established == ESTABLISHED
    assert raw_s < 0.4
    assert whole_s < 1.0


def _fastest(read: Callable[[], int]) -> float:
    """Return the processor time of the best of three: others run on this machine, too."""
    times = []
    for _ in range(3):
        began = time.process_time()
        read()
        times.append(time.process_time() - began)
    return min(times)


def _flood(count: int) -> None:
    """Send SYNs from as many sources; the checksum moves with the address."""
    frame = bytearray(
        bytes(Ethernet("00:00:00:00:00:00") / IPv4("198.18.0.0", "192.0.2.1") / TCP(1024, 80))
    )
    header, segment = _word(frame, 24), _word(frame, 50)
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        raw.bind(("lo", 0))
        for number in range(count):
            high, low = number >> 16, number & 0xFFFF
            frame[26:30] = ((198 << 24 | 18 << 16) + number).to_bytes(4, "big")
            frame[24:26] = _less(header, high + low)
            frame[50:52] = _less(segment, high + low)
            raw.send(frame)


def _word(frame: bytearray, at: int) -> int:
    return int.from_bytes(frame[at : at + 2], "big")


def _less(checksum: int, amount: int) -> bytes:
    """Move a checksum for words that grew by so much, RFC 1624."""
    return ((checksum - amount) % 0xFFFF).to_bytes(2, "big")
