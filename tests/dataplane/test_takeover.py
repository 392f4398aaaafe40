"""A killed daemon's data plane goes on, and its successor takes over without losing a packet."""

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from floodwall.core.address import pack
from floodwall.kernel import _abi as abi
from floodwall.kernel import probe
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.dataplane import DataPlane
from floodwall.kernel.links import xdp_on
from floodwall.kernel.loading import Origin
from floodwall.kernel.sysctl import counters
from floodwall.kernel.tables import Tables
from tests.support.two_hosts import SERVER, TwoHosts, two_hosts

pytestmark = [pytest.mark.root, pytest.mark.live]
PORT = 8080
HOUR_NS = 3600 * 10**9
# What a daemon does until it is killed; its arguments are the state's root and the interface.
VICTIM = """
import signal, sys
from pathlib import Path
from floodwall.kernel import probe
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.dataplane import DataPlane
state = StateDirectory.prepare(Path(sys.argv[1]), Path(sys.argv[1], "none"))
DataPlane.start(state, probe.probe()).attach(int(sys.argv[2]))
print("attached", flush=True)
signal.pause()
"""


@pytest.fixture
def hosts() -> Iterator[TwoHosts]:
    """A server, where this thread is, and a client."""
    with two_hosts() as made:
        yield made


@pytest.fixture
def state(hosts: TwoHosts, tmp_path: Path) -> Iterator[StateDirectory]:
    """The state directory of the server's namespace."""
    assert hosts.ifindex
    made = StateDirectory.prepare(tmp_path, tmp_path / "none")
    yield made
    made.remove()


@pytest.fixture(params=SERVER, ids=lambda family: family.name)
def listener(request: pytest.FixtureRequest, state: StateDirectory) -> Iterator[socket.socket]:
    """A server of one address family."""
    assert state.pins
    family: socket.AddressFamily = request.param
    with socket.create_server((SERVER[family], PORT), family=family, backlog=64) as made:
        made.settimeout(5.0)
        yield made


def _protect(plane: Tables, mode: abi.Mode) -> None:
    """Make both addresses one service each."""
    flags = abi.Flag.SACK | abi.Flag.WSCALE | abi.Flag.TIMESTAMPS
    plane.set_config(
        abi.Config(
            flags=flags,
            hash_seed=7,
            debt_halving_ns=10**9,
            slice_ns=10**9,
            mss_ipv4=1460,
            mss_ipv6=1440,
        )
    )
    plane.set_key(0, abi.Key(k0=1, k1=2, valid=1, window_scale=7))
    for number, address in enumerate(SERVER.values()):
        plane.addresses.update(pack(address), bytes(4))
        key = pack(address) + PORT.to_bytes(2, "big") + bytes(2)
        plane.service_keys.update(key, number.to_bytes(4, "little"))
        limits = abi.Limits(
            mode=mode, mechanism=abi.Mechanism.HANDOVER, high=1000, low=500, hold_ns=10**9,
            window=64240,
        )  # fmt: skip
        plane.set_limits(number, limits)
    plane.set_lease(time.monotonic_ns() + HOUR_NS)


def _connect(hosts: TwoHosts, listener: socket.socket) -> tuple[socket.socket, socket.socket]:
    client = hosts.connect(PORT, listener.family)
    return client, listener.accept()[0]


def _speak(sender: socket.socket, receiver: socket.socket, words: bytes) -> None:
    sender.sendall(words)
    receiver.settimeout(1.0)
    heard = b""
    while len(heard) < len(words):
        heard += receiver.recv(65536)

    assert heard == words


@pytest.mark.parametrize("mode", [abi.Mode.AUTO, abi.Mode.ARMED])
def test_connections_do_not_notice(
    hosts: TwoHosts, state: StateDirectory, listener: socket.socket, mode: abi.Mode
) -> None:
    """Twenty successors in a row: no reset, no second of silence, and new clients get in."""
    plane = DataPlane.start(state, probe.probe())
    try:
        _protect(plane, mode)
        plane.attach(hosts.ifindex)
        client, server = _connect(hosts, listener)
        with client, server:
            for number in range(20):
                plane.close()
                _speak(client, server, b"orphaned" * 1000)
                plane = DataPlane.adopt(state, probe.probe())
                _speak(server, client, number.to_bytes(4, "big") * 1000)
                for end in _connect(hosts, listener):
                    end.close()

            assert plane.reasons()[abi.Reason.PASS_COOKIE] == (21 if mode is abi.Mode.ARMED else 0)
            assert counters()["TcpOutRsts"] == 0
    finally:
        plane.detach_all()
        plane.close()


def test_bytes_in_flight_are_not_lost(
    hosts: TwoHosts, state: StateDirectory, listener: socket.socket
) -> None:
    """A transfer goes on while programs change under it, and nothing is sent twice."""
    plane = DataPlane.start(state, probe.probe())
    try:
        _protect(plane, abi.Mode.ARMED)
        plane.attach(hosts.ifindex)
        client, server = _connect(hosts, listener)
        with client, server:
            client.setblocking(False)
            server.setblocking(False)
            before = counters()["TcpExtTCPLostRetransmit"] + counters()["TcpRetransSegs"]
            sent = received = 0
            for _ in range(5):
                plane.close()
                plane = DataPlane.adopt(state, probe.probe())
                more_sent, more_received = _pump(client, server)
                sent, received = sent + more_sent, received + more_received

            assert sent == received > 0
            after = counters()["TcpExtTCPLostRetransmit"] + counters()["TcpRetransSegs"]
            assert after == before
    finally:
        plane.detach_all()
        plane.close()


def _pump(client: socket.socket, server: socket.socket) -> tuple[int, int]:
    """Send 4 MiB without blocking and read all of it."""
    sent = received = 0
    chunk = bytes(65536)
    deadline = time.monotonic() + 5.0
    while received < 4 << 20 and time.monotonic() < deadline:
        readable, writable, _ = select.select([server], [client] * (sent < 4 << 20), [], 1.0)
        if writable:
            sent += client.send(chunk[: (4 << 20) - sent])
        if readable:
            received += len(server.recv(1 << 20))
    return sent, received


def test_a_killed_daemon_leaves_its_wall(hosts: TwoHosts, state: StateDirectory) -> None:
    """The kernel keeps what is pinned; the next daemon finds it and takes it over."""
    command = [sys.executable, "-c", VICTIM, os.fspath(state.run.parent), str(hosts.ifindex)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as victim:
        try:
            assert victim.stdout is not None
            assert victim.stdout.readline() == "attached\n"
        finally:
            victim.send_signal(signal.SIGKILL)
    orphan = xdp_on(hosts.ifindex).prog_id
    assert orphan

    with DataPlane.adopt(state, probe.probe()) as plane:
        assert plane.origin is Origin.PINNED
        assert xdp_on(hosts.ifindex).prog_id not in {0, orphan}
        plane.detach_all()
    assert xdp_on(hosts.ifindex).prog_id == 0


def test_another_layout_takes_over_with_its_bans(hosts: TwoHosts, state: StateDirectory) -> None:
    """An upgrade: new maps, old bans, and the interface is never without a program."""
    plane = DataPlane.start(state, probe.probe())
    plane.attach(hosts.ifindex)
    plane.bans.update(pack("192.0.2.66"), bytes(abi.Ban(hits=3)))
    plane.close()
    (marker,) = state.pinned("abi_")
    marker.rename(marker.with_name("abi_of_before"))

    with DataPlane.adopt(state, probe.probe()) as successor:
        assert successor.origin is Origin.COPIED
        assert successor.attachments[hosts.ifindex].adopted
        assert successor.bans.lookup(pack("192.0.2.66")) == bytes(abi.Ban(hits=3))
        successor.detach_all()
