r"""The lab's network: two networks of clients and one attacker's router in front of one server.

    clients    ----\
    clients'   ----- router (forged floods start here) ====  server
    (attackers ----/ that have real addresses)

The line to the server (====) carries attack and clients alike, through one receive queue of 256
slots, which one kernel thread pinned to the server's CPU empties.
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from floodwall.core.address import Address
from floodwall.lab import napi
from floodwall.lab.addresses import SERVER_LINK, Family, clients, network, router, server
from floodwall.lab.namespace import Namespace
from floodwall.lab.process import go_first, prefer
from floodwall.lab.safety import alias_of

CLIENT_NETWORKS = (1, 2)
PLAIN_NETWORK = 2  # its clients send no TCP timestamps
ATTACKERS_NETWORK = 3


@dataclass(frozen=True, slots=True)
class Options:
    """What may differ between runs: unfinished TCP checksums, attackers with real addresses."""

    checksum_offload: bool = False
    attackers: bool = False
    gateway: bool = False
    """The server only translates: two servers stand behind it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One veth pair: the end at the router and the other end."""

    router_end: str
    far_end: str
    router_mac: str
    far_mac: str


@dataclass(frozen=True, slots=True)
class Topology:
    """The namespaces of one lab and the lines between them."""

    server: Namespace
    router: Namespace
    clients: dict[int, Namespace]
    attackers: Namespace | None
    lines: dict[int, Line]
    server_cpu: int
    clients_cpu: int
    token: str

    @property
    def server_line(self) -> Line:
        """The line that everything to the server comes through."""
        return self.lines[SERVER_LINK]

    @property
    def namespaces(self) -> list[Namespace]:
        """All namespaces."""
        some = [self.attackers] if self.attackers else []
        return [self.server, self.router, *self.clients.values(), *some]


@contextmanager
def topology(options: Options) -> Iterator[Topology]:
    """Make the network, and remove it whatever happens inside."""
    made: list[Namespace] = []
    try:
        for name in ("server", "router", *(f"network {number}" for number in _networks(options))):
            made.append(Namespace.create(name))  # noqa: PERF401 # each is closed once it is made
        yield _build(made, options)
    finally:
        for namespace in made:
            namespace.close()


def _networks(options: Options) -> tuple[int, ...]:
    return (*CLIENT_NETWORKS, ATTACKERS_NETWORK) if options.attackers else CLIENT_NETWORKS


def _build(made: list[Namespace], options: Options) -> Topology:
    token = secrets.token_hex(3)
    far = dict(zip((SERVER_LINK, *_networks(options)), (made[0], *made[2:]), strict=True))
    lines = {number: _line(token, number) for number in far}
    cpus = sorted(os.sched_getaffinity(0))
    whole = Topology(
        server=made[0],
        router=made[1],
        clients={number: far[number] for number in CLIENT_NETWORKS},
        attackers=far.get(ATTACKERS_NETWORK),
        lines=lines,
        server_cpu=cpus[0],
        clients_cpu=cpus[-1],
        token=token,
    )
    for namespace in made:
        gateway = options.gateway and namespace is whole.server
        _set_sysctls(namespace, forwards=gateway or namespace is whole.router)
    whole.router.run(["ip", "-batch", "-"], _router_commands(token, lines, far))
    for number, namespace in far.items():
        namespace.run(["ip", "-batch", "-"], _far_commands(token, number, lines[number]))
    for number in CLIENT_NETWORKS:
        far[number].write_sysctl("ipv4.tcp_timestamps", int(number != PLAIN_NETWORK))
    _tune(whole, far, options)
    return whole


def _line(token: str, number: int) -> Line:
    kind = "s" if number == SERVER_LINK else f"c{number}"
    end = int(token, 16)
    macs = [f"02:{end >> 16:02x}:{end >> 8 & 255:02x}:{end & 255:02x}:{number:02x}:{side:02x}"
            for side in (1, 2)]  # fmt: skip
    return Line(f"fw{token}r{kind}", f"fw{token}{kind}", *macs)


def _set_sysctls(namespace: Namespace, *, forwards: bool) -> None:
    """Forget what the machine's defaults say: the lab is the same everywhere."""
    settings = {
        "ipv4.conf.all.rp_filter": 0,
        "ipv4.conf.default.rp_filter": 0,
        "ipv6.conf.all.accept_dad": 0,
        "ipv6.conf.default.accept_dad": 0,
        "ipv6.conf.default.accept_ra": 0,
        "ipv4.ip_forward": int(forwards),
        "ipv6.conf.all.forwarding": int(forwards),
        "ipv4.tcp_max_syn_backlog": 2048,
        "core.somaxconn": 4096,
    }
    for name, value in settings.items():
        namespace.write_sysctl(name, value)


def _router_commands(token: str, lines: dict[int, Line], far: dict[int, Namespace]) -> str:
    commands = ["link set lo up"]
    one_queue = "numrxqueues 1 numtxqueues 1"
    for number, line in lines.items():
        near = f"{line.router_end} address {line.router_mac} {one_queue}"
        other = f"{line.far_end} address {line.far_mac} {one_queue} netns {far[number].path}"
        commands += [
            f"link add {near} type veth peer name {other}",
            f"link set {line.router_end} alias {alias_of(token)}",
            f"link set {line.router_end} up",
            *(_address(router(family, number), number, line.router_end) for family in Family),
        ]
    line = lines[SERVER_LINK]
    commands += [_neighbour(server(family), line.far_mac, line.router_end) for family in Family]
    # Whatever has no place in the lab is swallowed: no errors go back to the server.
    commands += ["route add blackhole 0.0.0.0/0", "route add blackhole ::/0"]
    return "\n".join(commands)


def _far_commands(token: str, number: int, line: Line) -> str:
    commands = [
        "link set lo up",
        f"link set {line.far_end} alias {alias_of(token)}",
        f"link set {line.far_end} up",
    ]
    for family in Family:
        hosts = [server(family)] if number == SERVER_LINK else clients(family, number)
        commands += [_address(host, number, line.far_end) for host in hosts]
        commands.append(_neighbour(router(family, number), line.router_mac, line.far_end))
        commands.append(f"route add default via {router(family, number)}")
    return "\n".join(commands)


def _address(address: Address, number: int, device: str) -> str:
    family = Family(address.version)
    unchecked = " nodad" if family is Family.IPV6 else ""
    return f"address add {address}/{network(family, number).prefixlen} dev {device}{unchecked}"


def _neighbour(address: Address, mac: str, device: str) -> str:
    return f"neighbour add {address} lladdr {mac} nud permanent dev {device}"


def _tune(whole: Topology, far: dict[int, Namespace], options: Options) -> None:
    """Make the ends poll (NAPI) instead of interrupting, in threads where CPU is measured."""
    for number, line in whole.lines.items():
        for namespace, end in ((whole.router, line.router_end), (far[number], line.far_end)):
            namespace.run(["ethtool", "-K", end, "gro", "on"])
            if not options.checksum_offload:
                namespace.run(["ethtool", "-K", end, "tx", "off"])
    line = whole.server_line
    prefer(napi.pin(whole.server, line.far_end, whole.server_cpu))
    # The router is where answers arrive: none may be lost because the attacker is busy.
    go_first(napi.pin(whole.router, line.router_end, whole.clients_cpu))
