"""What is measured: each subject puts itself on the server's line, and takes itself off."""

import ipaddress
import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from socket import if_nametoindex

from floodwall.core.address import pack, pack_prefix
from floodwall.core.errors import KernelError
from floodwall.kernel import _abi as abi
from floodwall.kernel.address_bans import AddressBans
from floodwall.kernel.bpf import BpfObject, Link, Map
from floodwall.kernel.build import compile_object, data_plane_object
from floodwall.kernel.netns import netns_cookie
from floodwall.lab.addresses import Family, clients, server
from floodwall.lab.flood import Flood, Ports, Sources
from floodwall.lab.frames import fixed_sources
from floodwall.lab.nginx import PORT as HTTP
from floodwall.lab.topology import Topology

PORT = 8080  # that everything is sent to
_LONG_NS = 600 * 10**9
_SEED = 0x5EED5EED5EED5EED
_DENY_SOURCE = (1).to_bytes(8, "little")  # MAP_FLAG_SRC of xdp-filter
_CPUS = os.cpu_count() or 1
_HIGH = 255  # half of the queue of nginx
_UNREACHABLE = 2**31
PEER_NETWORK = 1
PEER = str(clients(Family.IPV4, PEER_NETWORK, 1)[0])


@contextmanager
def listener(lab: Topology, port: int) -> Iterator[None]:
    """Listen on a port of the server with nginx's own backlog, for IPv4 and IPv6."""

    def listen() -> socket.socket:
        return socket.create_server(
            ("::", port), family=socket.AF_INET6, backlog=511, dualstack_ipv6=True
        )

    with lab.server.call(listen):
        yield


@contextmanager
def kernel_cookies(lab: Topology) -> Iterator[None]:
    """The kernel alone, tcp_syncookies = 1."""
    lab.server.write_sysctl("ipv4.tcp_syncookies", 1)
    yield


@contextmanager
def kernel_without_cookies(lab: Topology) -> Iterator[None]:
    """The kernel alone, tcp_syncookies = 0."""
    lab.server.write_sysctl("ipv4.tcp_syncookies", 0)
    yield


@contextmanager
def empty_drop(lab: Topology) -> Iterator[None]:
    """A program that does nothing but drop: the floor of this machine."""
    with BpfObject.open(compile_object("empty")) as program:
        program.load()
        with _attached(lab, program, "empty_drop", native=True):
            yield


@contextmanager
def empty_pass(lab: Topology, *, native: bool = True) -> Iterator[None]:
    """A program that lets everything pass: what any XDP program costs here."""
    with BpfObject.open(compile_object("empty")) as program:
        program.load()
        with _attached(lab, program, "empty_pass", native=native):
            yield


def empty_pass_generic(lab: Topology) -> AbstractContextManager[None]:
    """The same in generic XDP."""
    return empty_pass(lab, native=False)


def floodwall_calm(lab: Topology) -> AbstractContextManager[None]:
    """Floodwall without an attack."""
    return _floodwall(lab, _nothing_more, native=True, mode=abi.Mode.AUTO)


def floodwall_calm_generic(lab: Topology) -> AbstractContextManager[None]:
    """The same in generic XDP."""
    return _floodwall(lab, _nothing_more, native=False, mode=abi.Mode.AUTO)


def floodwall_armed(lab: Topology) -> AbstractContextManager[None]:
    """Floodwall with its service always armed."""
    return _floodwall(lab, _nothing_more, native=True)


def floodwall_auto(lab: Topology) -> AbstractContextManager[None]:
    """Floodwall as it is by default: calm until it must not be; for nginx's port too."""
    return _floodwall(lab, _nothing_more, native=True, mode=abi.Mode.AUTO, port=HTTP)


def floodwall_patient(lab: Topology) -> AbstractContextManager[None]:
    """Floodwall that stays calm whatever comes: every SYN passes, and is noted."""
    return _floodwall(lab, _nothing_more, native=True, mode=abi.Mode.AUTO, high=_UNREACHABLE)


def connected(
    inner: Callable[[Topology], AbstractContextManager[None]], flood: Flood
) -> Callable[[Topology], AbstractContextManager[None]]:
    """Put a subject on the line, and open the connection that the flood claims to belong to."""

    @contextmanager
    def attach(lab: Topology) -> Iterator[None]:
        ((address, port),) = fixed_sources(flood)
        mine = (str(ipaddress.IPv4Address(address[12:])), port)
        there = (str(server(Family.IPV4)), PORT)
        with (
            inner(lab),
            lab.clients[PEER_NETWORK].call(
                lambda: socket.create_connection(there, timeout=5.0, source_address=mine)
            ),
        ):
            yield

    return attach


def floodwall_generic(lab: Topology) -> AbstractContextManager[None]:
    """The same in generic XDP."""
    return _floodwall(lab, _nothing_more, native=False)


def floodwall_bans(others: int) -> Callable[[Topology], AbstractContextManager[None]]:
    """Floodwall that bans the flood's 572 sources, among so many in all."""

    def fill(loaded: BpfObject) -> None:
        ban = bytes(abi.Ban())
        bans = AddressBans(loaded.map("ban_cells"), loaded.map("bans"))
        bans.update_many((address, ban) for address in _denied(others))

    return lambda lab: _floodwall(lab, fill, native=True, flags=abi.Flag.BANS)


def xdp_filter() -> Callable[[Topology], AbstractContextManager[None]]:
    """The packaged xdp-filter, denying the same 572 addresses; it holds 10,000 at most."""

    @contextmanager
    def attach(lab: Topology) -> Iterator[None]:
        device = lab.server_line.far_end
        # The tool wants a bpffs at its usual place: one of its own, in its own mount namespace.
        script = (
            "mount -t bpf bpf /sys/fs/bpf &&"
            f" xdp-filter load {device} -m native -f ipv4 >&2 && echo ready && exec sleep 600"
        )
        holder = subprocess.Popen(
            lab.server.command(["unshare", "--mount", "sh", "-c", script]),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            if holder.stdout is None or holder.stdout.readline().strip() != b"ready":
                raise KernelError("xdp-filter did not load", hint="apt install xdp-tools")
            place = Path(f"/proc/{holder.pid}/root/sys/fs/bpf/xdp-filter/filter_ipv4")
            with Map.from_pin(place) as table:
                for address in _denied(0):
                    table.update_percpu(address[12:], [_DENY_SOURCE] * _CPUS)
                yield
        finally:
            holder.kill()
            holder.wait()
            lab.server.run(["ip", "link", "set", "dev", device, "xdp", "off"])

    return attach


def _denied(others: int) -> Iterator[bytes]:
    """Yield the addresses of the fixed flood, and so many others after them."""
    for address, _ in fixed_sources(Flood(Sources.FIXED, None, ports=Ports.RANDOM)):
        yield pack(ipaddress.IPv4Address(address[12:]))
    first = int(ipaddress.IPv4Address("11.0.0.0"))
    for number in range(others):
        yield pack(ipaddress.IPv4Address(first + number * 13))


@contextmanager
def _attached(lab: Topology, program: BpfObject, name: str, *, native: bool) -> Iterator[None]:
    device = lab.server_line.far_end
    fd = program.program(name).fd
    with lab.server.call(lambda: Link.xdp(fd, if_nametoindex(device), native=native)):
        yield


@contextmanager
def _floodwall(
    lab: Topology,
    fill: Callable[[BpfObject], None],
    *,
    native: bool,
    flags: int = 0,
    mode: abi.Mode = abi.Mode.ARMED,
    port: int = PORT,
    high: int = _HIGH,
) -> Iterator[None]:
    """The data plane as the daemon would fill it, with one service."""
    lab.server.write_sysctl("ipv4.tcp_syncookies", 1)
    device = lab.server_line.far_end
    with BpfObject.open(data_plane_object()) as program:
        program.set_constant("fw_netns_cookie", lab.server.call(netns_cookie))
        program.load()
        _fill(program, flags, mode, port, high)
        fill(program)
        with ExitStack() as links:
            for make in (
                lambda index: Link.xdp(program.program("xdp_ingress").fd, index, native=native),
                lambda index: Link.tcx_ingress(program.program("tc_ingress").fd, index),
            ):
                links.enter_context(lab.server.call(partial(_at, make, device)))
            fd = program.program("handshake_done").fd
            links.enter_context(Link.raw_tracepoint(fd, "inet_sock_set_state"))
            yield


def _nothing_more(_program: BpfObject) -> None:
    """Leave the maps as they are."""


def _at(make: Callable[[int], Link], device: str) -> Link:
    return make(if_nametoindex(device))


def _fill(program: BpfObject, flags: int, mode: abi.Mode, port: int, high: int) -> None:
    only = (0).to_bytes(4, "little")
    options = abi.Flag.SACK | abi.Flag.WSCALE | abi.Flag.TIMESTAMPS
    config = abi.Config(
        flags=options | flags, hash_seed=_SEED, debt_halving_ns=30 * 10**9, slice_ns=8 * 10**9,
        known_rate=1000,
        mss_ipv4=1460, mss_ipv6=1440, guard_epoch=1,
    )  # fmt: skip
    if high != _UNREACHABLE:  # a source that owes is challenged, also while calm
        config.debt_source_max, config.debt_port_max, config.debt_prefix_max = 8, 4, 64
    limits = abi.Limits(mode=mode, high=high, low=min(high, 63), hold_ns=5 * 10**9, window=64240)
    program.map("config").update(only, bytes(config))
    program.map("limits").update(only, bytes(limits))
    program.map("keys").update(only, bytes(abi.Key(k0=_SEED, k1=~_SEED, valid=1, window_scale=7)))
    # As a server has them: itself, its gateway and resolvers, an administrator.
    for network in ("198.51.100.1/32", "192.0.2.0/24", "203.0.113.53/32", "2001:db8::/48"):
        program.map("never_ban").update(pack_prefix(ipaddress.ip_network(network)), b"\1\0\0\0")
    lease = abi.Lease(time.monotonic_ns() + _LONG_NS)
    program.map("lease").update(only, bytes(lease))
    for family in Family:
        key = pack(server(family)) + port.to_bytes(2, "big") + b"\0\0"
        program.map("service_keys").update(key, only)
        program.map("addresses").update(pack(server(family)), only)
