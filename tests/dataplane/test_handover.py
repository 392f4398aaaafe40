"""Real clients are challenged and let in with all that they negotiated, on an idle listener."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from itertools import product
from typing import NamedTuple

import pytest

from floodwall.kernel._abi import Mechanism, Mode, Reason
from floodwall.kernel.bpf import Link
from floodwall.kernel.netns import enter
from tests.support.encoding import COUNT, FOLLOW, TALLY
from tests.support.memory import array_cells, total
from tests.support.namespace import write_sysctl
from tests.support.oracle.world import SECOND_NS, Limits, Service, World, packed
from tests.support.subject import Subject
from tests.support.two_hosts import SERVER, TwoHosts, two_hosts

pytestmark = [pytest.mark.root, pytest.mark.kernel("6.9")]

PORT, OUR_SCALE = 8080, 7
OPTIONS = {"tcp_timestamps": 1, "tcp_sack": 2, "tcp_window_scaling": 4, "tcp_ecn": 8}  # TCPI_OPT_*
VOLUME = bytes(range(256)) * 200
CHOICES = list(product((0, 1), repeat=len(OPTIONS)))


class Info(NamedTuple):
    """Some of struct tcp_info, linux/tcp.h."""

    options: int
    send_scale: int
    receive_scale: int
    send_mss: int


@pytest.fixture(scope="module")
def hosts() -> Iterator[TwoHosts]:
    """A server, where this thread is, and a client, all on one CPU."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(before)})
    try:
        with two_hosts() as made:
            yield made
    finally:
        os.sched_setaffinity(0, before)


@contextmanager
def guarded(
    hosts: TwoHosts, mechanism: Mechanism, *, native: bool = True, roomy: bool = True
) -> Iterator[Subject]:
    """Attach the data plane to the server with a service that challenges every SYN."""
    constants = {"fw_replay": 0, "fw_no_metadata": int(not roomy)}
    with ExitStack() as stack:
        # Generic XDP moves the metadata of a program that has frags (seen on 6.18).
        subject = stack.enter_context(Subject(constants=constants, frags=native))
        subject.put(_world(mechanism))
        links = (
            Link.tcx_ingress(subject.program_fd("tc_ingress"), hosts.ifindex),
            Link.raw_tracepoint(subject.program_fd("handshake_done"), "inet_sock_set_state"),
            Link.xdp(subject.program_fd("xdp_ingress"), hosts.ifindex, native=native),
        )
        for link in links:
            stack.callback(link.close)
        yield subject


def _world(mechanism: Mechanism) -> World:
    world = World(now_ns=time.monotonic_ns())
    limits = Limits(mode=Mode.ARMED, mechanism=mechanism, hold_ns=SECOND_NS)
    world.services = {0: Service(limits)}
    world.addresses = {packed(address) for address in SERVER.values()}
    world.service_keys = {(address, PORT): 0 for address in world.addresses}
    return world


@pytest.mark.parametrize("native", [True, False], ids=["native", "generic"])
@pytest.mark.parametrize("family", SERVER, ids=lambda family: family.name)
@pytest.mark.parametrize("chosen", CHOICES, ids=lambda bits: "".join(map(str, bits)))
def test_connection_keeps_its_options(
    hosts: TwoHosts, family: socket.AddressFamily, chosen: tuple[int, ...], *, native: bool
) -> None:
    """Both ends agree on timestamps, SACK, window scale and ECN, and data flows both ways."""
    with enter(hosts.client_ns):
        for name, value in zip(OPTIONS, chosen, strict=True):
            write_sysctl(f"net.ipv4.{name}", value)
    timestamps, sack, scale, ecn = chosen
    expected = sum(bit * value for bit, value in zip(OPTIONS.values(), chosen, strict=True))
    if ecn and not (sack and scale):
        expected -= OPTIONS["tcp_ecn"]  # the cookie has no room for ECN without the others
    with (
        socket.create_server((SERVER[family], PORT), family=family) as listener,
        guarded(hosts, Mechanism.HANDOVER, native=native) as subject,
        hosts.connect(PORT, family) as client,
        listener.accept()[0] as server,
    ):
        ours, theirs = _info(server), _info(client)
        _exchange(client, server)
        _exchange(server, client)
        reasons = total(subject.maps["reasons"], COUNT)
        (tally,) = total(subject.maps["tallies"], TALLY).values()

    assert (ours.options & 15, theirs.options & 15) == (expected, expected)
    assert ours.receive_scale == theirs.send_scale == (OUR_SCALE if scale else 0)
    assert ours.send_scale == theirs.receive_scale
    assert abs(ours.send_mss - theirs.send_mss) <= (0 if timestamps else 20)
    assert reasons[Reason.CHALLENGE_FLOOD] == reasons[Reason.PASS_COOKIE] == (1,)
    assert reasons[Reason.TC_HANDED_OVER] == (1,)
    assert Reason.TC_REFUSED not in reasons
    assert Reason.DROP_BAD_ACK not in reasons
    assert tally[5] == 1  # completed


@pytest.mark.parametrize("native", [True, False], ids=["native", "generic"])
@pytest.mark.parametrize("family", SERVER, ids=lambda family: family.name)
def test_driver_without_room_for_metadata_hands_over_too(
    hosts: TwoHosts, family: socket.AddressFamily, *, native: bool
) -> None:
    """What XDP decoded then waits in a table for tc, which takes it just once."""
    with (
        socket.create_server((SERVER[family], PORT), family=family) as listener,
        guarded(hosts, Mechanism.HANDOVER, native=native, roomy=False) as subject,
    ):
        for _ in range(3):
            with hosts.connect(PORT, family) as client, listener.accept()[0] as server:
                _exchange(client, server)
                _exchange(server, client)
        reasons = total(subject.maps["reasons"], COUNT)
        waiting = [cell[4] for cell in array_cells(subject.maps["follows"], FOLLOW).values()]

    assert reasons[Reason.PASS_COOKIE] == reasons[Reason.TC_HANDED_OVER] == (3,)
    assert Reason.TC_REFUSED not in reasons
    assert waiting == [0, 0, 0]


@pytest.mark.parametrize("family", SERVER, ids=lambda family: family.name)
def test_kernel_cookie_lets_real_clients_in(hosts: TwoHosts, family: socket.AddressFamily) -> None:
    """The mechanism for older kernels works on the wire, too."""
    write_sysctl("net.ipv4.tcp_syncookies", 2)
    try:
        with (
            socket.create_server((SERVER[family], PORT), family=family) as listener,
            guarded(hosts, Mechanism.STACK) as subject,
            hosts.connect(PORT, family) as client,
            listener.accept()[0] as server,
        ):
            _exchange(client, server)
            reasons = total(subject.maps["reasons"], COUNT)
    finally:
        write_sysctl("net.ipv4.tcp_syncookies", 1)

    assert reasons[Reason.CHALLENGE_FLOOD] == reasons[Reason.PASS_STACK_COOKIE] == (1,)


def _exchange(sender: socket.socket, receiver: socket.socket) -> None:
    receiver.settimeout(2.0)
    sender.sendall(VOLUME)
    heard = b""
    while len(heard) < len(VOLUME):
        heard += receiver.recv(1 << 16)

    assert heard == VOLUME


def _info(end: socket.socket) -> Info:
    raw = end.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 24)
    options, scales = raw[5], raw[6]
    (send_mss,) = struct.unpack_from("=I", raw, 16)
    return Info(options, scales & 15, scales >> 4, send_mss)
