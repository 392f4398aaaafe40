"""The doctor names what is really done to a server in the lab, within its two seconds."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import pytest
from click.testing import CliRunner

from floodwall.cli.main import main
from floodwall.doctor.firewall import has_firewall
from floodwall.doctor.tree import script
from floodwall.kernel import sockdiag, sysctl
from floodwall.kernel.netns import enter
from floodwall.lab.addresses import Family, clients, server
from floodwall.lab.connections import ConnectOrder, ConnectReport
from floodwall.lab.flood import Aim, Flood, FloodOrder, FloodReport, Sources, Sweep
from floodwall.lab.namespace import Namespace
from floodwall.lab.process import Worker
from floodwall.lab.slow_app import PORT as SLOW_PORT
from floodwall.lab.slow_app import SlowOrder
from floodwall.lab.topology import ATTACKERS_NETWORK, Options, Topology, topology
from floodwall.lab.wait import until

pytestmark = [pytest.mark.root, pytest.mark.live]

PORT = 80
BACKLOG = 128
HOME = str(server(Family.IPV4))
SECONDS = 20
SLOWED_MBIT = 10
WAIT_S = 5.0
NOBODY = 65534
AGED = "1.5s"
"""By then the SYN-ACKs of whatever filled a queue before were sent again."""

# Sends datagrams of 1,400 bytes for ever, about 24 Mbit/s: more than the shaped link takes.
_SENDER = """
import socket, time
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
while True:
    for _ in range(22):
        sender.sendto(bytes(1400), ("HOME", 9))
    time.sleep(0.01)
"""

# Makes entries in the table of connection tracking; the router swallows the datagrams.
_FILLER = """
import socket
sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
for host in range(1, HOSTS):
    for port in range(1, 65536):
        sender.sendto(b"", (f"133.7.42.{host}", port))
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Topology]:
    """Return the lab's network, attackers with real addresses included."""
    with topology(Options(attackers=True)) as made:
        yield made


@pytest.fixture
def web(lab: Topology) -> Iterator[socket.socket]:
    """Return a listener on the server, with the kernel's own cookies on."""
    with enter(lab.server.fd):
        # Requests outlive their listener until their timer: those of the test before are no flood.
        sockdiag.destroy(sockdiag.half_open())
        sysctl.write("net.ipv4.tcp_syncookies", 1)
        made = socket.create_server(("0.0.0.0", PORT), backlog=BACKLOG)
    with made:
        yield made


@contextmanager
def flood(lab: Topology, rate_pps: float, sweep: Sweep | None = None) -> Iterator[None]:
    """Flood the server with forged SYNs for as long as a block runs."""
    line = lab.server_line
    order = FloodOrder(
        flood=Flood(Sources.RANDOM, rate_pps, sweep=sweep),
        aim=Aim(line.router_end, line.router_mac, line.far_mac, HOME, PORT),
        windows=((0, SECONDS * 1_000_000_000),),
        max_packets=1_000_000,
        cpu=lab.clients_cpu,
    )
    worker = Worker("floodwall.lab.flood_worker", lab.router, order, FloodReport)
    try:
        worker.wait_ready()
        worker.go(time.monotonic_ns())
        yield
    finally:
        worker.stop()


@contextmanager
def running(place: Namespace, script: str) -> Iterator[None]:
    """Run a program in a namespace for as long as a block runs."""
    process = subprocess.Popen(place.command([sys.executable, "-c", script]))
    try:
        yield
    finally:
        process.kill()
        process.wait()


def doctor(lab: Topology, *arguments: str, code: int = 1, window: str = "1s") -> dict[str, Any]:
    """Ask the doctor on the server, with what it needs to be quick."""
    with enter(lab.server.fd):
        answer = CliRunner().invoke(main, ["doctor", "--json", "--window", window, *arguments])
    assert answer.exit_code == code, answer.output
    told: dict[str, Any] = json.loads(answer.stdout)
    return told


def half_open(lab: Topology) -> int:
    """Return how many requests wait on the server."""
    with enter(lab.server.fd):
        return len(sockdiag.half_open())


def commands(told: dict[str, Any]) -> list[str]:
    """Return what should be typed."""
    return [remedy["command"] for remedy in told["remedies"]]


def test_a_quiet_server_is_well(lab: Topology, web: socket.socket) -> None:
    """Exit code 0, nothing to type, and the application saw no connection of ours."""
    web.setblocking(False)
    began = time.monotonic()
    told = doctor(lab, code=0)

    assert time.monotonic() - began < 5
    assert (told["findings"], told["remedies"], told["blind"]) == ([], [], False)
    assert (
        told["verdict"] == "nothing found: 1 of 1 listeners were tried and answer, no queue fills"
    )
    with pytest.raises(BlockingIOError):
        web.accept()


def test_a_flood_without_cookies_is_named_fixed_and_undone(
    lab: Topology, web: socket.socket
) -> None:
    """Critical; --fix turns cookies on, clients get in again, and --undo puts all back."""
    assert web.fileno() >= 0
    with enter(lab.server.fd):
        sysctl.write("net.ipv4.tcp_syncookies", 0)
        backlog = sysctl.read("net.ipv4.tcp_max_syn_backlog")
    with flood(lab, 2000):
        assert until(lambda: half_open(lab) >= BACKLOG, WAIT_S)
        told = doctor(lab, "--fix", "--yes", window=AGED)
        with enter(lab.server.fd):
            fixed = sysctl.read("net.ipv4.tcp_syncookies")
        again = doctor(lab, window=AGED)
    with enter(lab.server.fd):
        undone = CliRunner().invoke(main, ["doctor", "--undo"])
        after = sysctl.read("net.ipv4.tcp_syncookies"), sysctl.read("net.ipv4.tcp_max_syn_backlog")
        gone = CliRunner().invoke(main, ["off"])

    (finding,) = told["findings"]
    assert (finding["ailment"], finding["severity"]) == ("spoofed_flood", "critical")
    assert "cookies are off: new clients cannot connect" in told["verdict"]
    assert commands(told)[0] == "sysctl -w net.ipv4.tcp_syncookies=1"
    assert fixed == "1"
    assert any("set net.ipv4.tcp_syncookies to 1" in line for line in told["done"])
    assert again["findings"][0]["severity"] == "warning"
    assert undone.exit_code == 0
    assert after == ("0", backlog)
    assert gone.exit_code == 0


def test_a_flood_that_cookies_hold_is_a_warning(lab: Topology, web: socket.socket) -> None:
    """Clients get in, so it is not critical; Floodwall is what to type."""
    assert web.fileno() >= 0
    with flood(lab, 5000):
        assert until(lambda: half_open(lab) >= BACKLOG, WAIT_S)
        told = doctor(lab, window=AGED)
        reduced = doctor(lab, "--proc-only")
        recorded = lab.server.run(["sh", "-c", script(1)])
    elsewhere = CliRunner().invoke(main, ["doctor", "--from", "-", "--json"], input=recorded)

    (finding,) = told["findings"]
    assert (finding["ailment"], finding["severity"]) == ("spoofed_flood", "warning")
    names = {one["name"] for one in finding["evidence"]}
    assert {"half_open", "cookies_returned", "unanswered_syns_per_s", "local_connection"} <= names
    assert commands(told)[0] == "floodwall run"
    assert [one["ailment"] for one in reduced["findings"]] == ["spoofed_flood"]
    assert [one["ailment"] for one in json.loads(elsewhere.stdout)["findings"]] == ["spoofed_flood"]


def test_a_slow_application_is_no_attack(lab: Topology) -> None:
    """A backlog of 5 that is full: process, backlog and the way out are named."""
    app = Worker("floodwall.lab.slow_app", lab.server, SlowOrder(lab.server_cpu), object)
    with ExitStack() as held:
        held.callback(app.stop)
        app.wait_ready()
        for _ in range(8):
            with enter(lab.clients[1].fd):
                client = held.enter_context(socket.socket())
            client.setblocking(False)
            with suppress(BlockingIOError):
                client.connect((HOME, SLOW_PORT))
        told = doctor(lab)

    (finding,) = told["findings"]
    assert (finding["ailment"], finding["port"]) == ("slow_application", SLOW_PORT)
    assert "6 connections wait to be accepted by slow-app; its backlog is 5" in str(finding)
    assert any("raise its backlog of 5" in command for command in commands(told))
    assert str(app.pid) in commands(told)[0]


def test_a_flood_of_connections_is_told_from_a_crowd(lab: Topology, web: socket.socket) -> None:
    """Handshakes complete, the application accepts, and nobody says a word."""
    assert lab.attackers is not None
    kept: list[socket.socket] = []
    order = ConnectOrder(
        sources=tuple(str(one) for one in clients(Family.IPV4, ATTACKERS_NETWORK, 20)),
        targets=(HOME,),
        port=PORT,
        rate_per_s=500,
        start_ns=0,
        stop_ns=SECONDS * 1_000_000_000,
        most=300,
        cpu=lab.clients_cpu,
    )
    crowd = Worker("floodwall.lab.connect_worker", lab.attackers, order, ConnectReport)
    web.settimeout(WAIT_S)
    try:
        crowd.wait_ready()
        crowd.go(time.monotonic_ns())
        while len(kept) < order.most:
            kept.append(web.accept()[0])
        told = doctor(lab)
    finally:
        crowd.stop()
        for connection in kept:
            connection.close()

    (finding,) = told["findings"]
    assert (finding["ailment"], finding["severity"]) == ("connection_flood", "warning")
    assert "300 of 300 connections never sent a byte" in str(finding)
    assert any(command.startswith("floodwall ban 198.18.3.") for command in commands(told))


def test_a_rule_that_refuses_is_told_from_a_queue(lab: Topology, web: socket.socket) -> None:
    """The listener is well, and no connection gets to it."""
    assert web.fileno() >= 0
    with enter(lab.server.fd):
        clear = has_firewall()
    rule = f"type filter hook input priority 0; tcp dport {PORT} reject with tcp reset;"
    lab.server.run(["nft", f"table inet r {{ chain c {{ {rule} }}; }}"])
    try:
        told = doctor(lab)
        with enter(lab.server.fd):
            ruled = has_firewall()
    finally:
        lab.server.run(["nft", "delete table inet r"])

    (finding,) = told["findings"]
    assert (finding["ailment"], finding["port"]) == ("listener_refuses", PORT)
    assert "Connection refused" in str(finding["evidence"])
    assert (clear, ruled) == (False, True)


def test_without_root_it_works_and_says_what_it_cannot_see(
    lab: Topology, web: socket.socket
) -> None:
    """Queues, counters and doors need no privilege; a process of somebody else does."""
    told = _as_nobody(lab, web)

    assert told["findings"] == []
    assert "1 of 1 listeners were tried and answer" in told["verdict"]
    assert any("listening sockets: not root" in line for line in told["cannot_see"])


def _as_nobody(lab: Topology, web: socket.socket) -> dict[str, Any]:
    """Ask in a child that is in the server's namespace and has given up every right."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        with enter(lab.server.fd):
            try:
                web.close()  # it is its parent's alone
                os.setgroups([])
                os.setresgid(NOBODY, NOBODY, NOBODY)
                os.setresuid(NOBODY, NOBODY, NOBODY)
                told = CliRunner().invoke(main, ["doctor", "--json", "--window", "1s"]).stdout
            except BaseException as error:  # noqa: BLE001  a child ends here
                told = json.dumps({"error": repr(error)})
            os.write(writer, told.encode())
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as answer:
        found: dict[str, Any] = json.load(answer)
    os.waitpid(child, 0)
    return found


def test_a_scan_is_named(lab: Topology, web: socket.socket) -> None:
    """SYNs to ports where nothing listens; the service itself is well."""
    assert web.fileno() >= 0
    with flood(lab, 400, Sweep(2000, 9000)):
        told = doctor(lab)

    assert [one["ailment"] for one in told["findings"]] == ["syn_scan"]
    assert told["severity"] == "warning"


def test_a_full_link_is_the_providers_business(lab: Topology, web: socket.socket) -> None:
    """The router shapes what reaches the server; the operator says what was bought."""
    assert web.fileno() >= 0
    line = lab.server_line
    shape = ["tc", "qdisc", "add", "dev", line.router_end, "root", "tbf"]
    lab.router.run([*shape, "rate", f"{SLOWED_MBIT}mbit", "burst", "20k", "latency", "50ms"])
    try:
        with running(lab.clients[1], _SENDER.replace("HOME", HOME)):
            told = doctor(lab, "--link", f"{line.far_end}={SLOWED_MBIT}M")
    finally:
        lab.router.run(["tc", "qdisc", "del", "dev", line.router_end, "root"])

    assert told["findings"][0]["ailment"] == "link_saturated"
    assert told["severity"] == "critical"
    assert "ask the provider" in told["verdict"]
    assert not any(remedy["safe"] for remedy in told["remedies"])


def test_a_full_table_of_connection_tracking_is_named(lab: Topology, web: socket.socket) -> None:
    """The table of the server's namespace alone, which goes with it, filled by what it sends."""
    assert web.fileno() >= 0
    place = lab.server
    with enter(place.fd):
        limit = int(sysctl.read("net.netfilter.nf_conntrack_max"))
    chain = "type filter hook output priority 0; ct state new accept;"
    place.run(["nft", f"table inet t {{ chain c {{ {chain} }}; }}"])
    try:
        place.run([sys.executable, "-c", _FILLER.replace("HOSTS", str(limit // 65_535 + 2))])
        told = doctor(lab)
    finally:
        place.run(["nft", "delete table inet t"])

    assert told["findings"][0]["ailment"] == "conntrack_full"
    assert commands(told)[0].startswith("sysctl -w net.netfilter.nf_conntrack_max=")
