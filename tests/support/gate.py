"""A client, a gateway that translates, and a server, each in a namespace of its own.

    client 198.51.100.2 ---- 198.51.100.1 gateway 10.9.0.1 ---- 10.9.0.2 server

Law: the site's own rules let nothing through but a SYN, and what conntrack knows.
"""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from floodwall.act.encoding import encode_endpoint
from floodwall.core.model import Endpoint
from floodwall.kernel import _abi as abi
from floodwall.kernel import probe
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.dataplane import DataPlane
from floodwall.kernel.rtnetlink import link
from floodwall.lab.namespace import Namespace
from tests.support.packets import TCP, Ethernet, IPv4
from tests.support.two_hosts import take_replies

OUTSIDE = {4: "198.51.100.1", 6: "2001:db8:1::1"}
CLIENT = {4: "198.51.100.2", 6: "2001:db8:1::2"}
PORT, CLOSED, INNER = 80, 81, 8080
SECOND_NS = 1_000_000_000
FOREVER_NS = 2**62
HIGH = 8
MACHINE = abi.Flag.SACK | abi.Flag.WSCALE | abi.Flag.TIMESTAMPS | abi.Flag.TRACKED
_WAIT_S = 5.0
_INFO = struct.Struct("=8B4I")
_OUT_MAC = "02:00:00:00:09:01"

RULES = f"""table inet site {{
  chain translate {{
    type nat hook prerouting priority -100
    ip daddr {OUTSIDE[4]} tcp dport {{ {PORT} }} dnat ip to 10.9.0.2:{INNER}
    ip daddr {OUTSIDE[4]} tcp dport {CLOSED} dnat ip to 10.9.0.2:{CLOSED}
    ip6 daddr {OUTSIDE[6]} tcp dport {PORT} dnat ip6 to [2001:db8:9::2]:{INNER}
  }}
  chain through {{
    type filter hook forward priority 0; policy drop;
    ct state invalid counter drop
    ct state established,related accept
    tcp flags & (fin | syn | rst | ack) == syn ct state new ct status dnat accept
  }}
}}
"""
_ARRIVALS = """table inet watch {
  counter syns { }
  counter strays { }
  chain arrive {
    type filter hook prerouting priority -400
    tcp flags & (syn | ack) == syn counter name syns
    tcp flags & (syn | ack) == ack ct state new counter name strays
  }
}
"""
_SYSCTLS = {
    "ipv4.conf.all.rp_filter": 0,
    "ipv4.conf.default.rp_filter": 0,
    "ipv6.conf.all.accept_dad": 0,
    "ipv6.conf.default.accept_dad": 0,
}


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the two ends of a connection have agreed on, as one of them sees it."""

    options: int
    scales: int
    mss: int


@dataclass(frozen=True, slots=True)
class Gate:
    """The three namespaces, what listens behind, and what stands in between."""

    client: Namespace
    gateway: Namespace
    server: Namespace
    seen: list[Agreed]
    """What the server saw of each connection, in order."""

    def connect(
        self, version: int = 4, port: int = PORT, *, source: int = 0, wait_s: float = _WAIT_S
    ) -> socket.socket:
        """Connect the client to what stands behind."""
        family = socket.AF_INET if version == 4 else socket.AF_INET6
        made = self.client.call(lambda: socket.socket(family, socket.SOCK_STREAM))
        made.settimeout(wait_s)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            if source:
                made.bind((CLIENT[version], source))
            made.connect((OUTSIDE[version], port))
        except OSError:
            made.close()
            raise
        return made

    def echo(self, made: socket.socket, payload: bytes = b"hello") -> bool:
        """Tell whether the server sends back what it is sent."""
        sender = threading.Thread(target=made.sendall, args=(payload,))
        sender.start()
        got = bytearray()
        while len(got) < len(payload) and (more := made.recv(1 << 20)):
            got += more
        sender.join()
        return bytes(got) == payload

    def talks(self, version: int = 4, **more: int) -> Agreed:
        """Make a connection, see that it works, end it; return what the client saw agreed."""
        with closing(self.connect(version, **more)) as made:
            assert self.echo(made)
            return agreed(made)

    def send(self, packets: Sequence[bytes]) -> None:
        """Send frames from the client's wire."""

        def go() -> None:
            with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as wire:
                wire.bind(("far", 0))
                for packet in packets:
                    wire.send(packet)

        self.client.call(go)

    def arrived(self, counter: str) -> int:
        """Return how many packets of a kind the server was sent."""
        told = self.server.run(["nft", "list", "counter", "inet", "watch", counter])
        return int(told.split("packets ")[1].split()[0])

    def half_open(self) -> int:
        """Return how many half-open connections the server holds."""
        told = self.server.run(["ss", "-Hnt", "state", "syn-recv"])
        return len(told.splitlines())


def agreed(made: socket.socket) -> Agreed:
    """Read TCP_INFO: options, both window scales and the MSS in use."""
    fields = _INFO.unpack(made.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _INFO.size))
    options, scales, mss = fields[5], fields[6], fields[10]
    return Agreed(options, scales, mss)


def forged(number: int, flags: str = "S", port: int = PORT) -> bytes:
    """Return a frame from a source that does not exist."""
    source = f"198.{18 + (number >> 16)}.{number >> 8 & 255}.{number & 255}"
    segment = TCP(1024 + number % 60000, port, sequence=number, acknowledgement=77, flags=flags)
    return bytes(Ethernet(_OUT_MAC, "02:00:00:00:09:02") / IPv4(source, OUTSIDE[4]) / segment)


@contextmanager
def gate() -> Iterator[Gate]:
    """Build the network with a server that echoes, for as long as a block runs."""
    made = [Namespace.create(name) for name in ("client", "gateway", "server")]
    try:
        client, gateway, server = made
        for namespace in made:
            for name, value in _SYSCTLS.items():
                namespace.write_sysctl(name, value)
        _join(client, gateway, server)
        whole = Gate(client, gateway, server, [])
        with closing(server.call(_listen)) as listener:
            threading.Thread(target=_serve, args=(listener, whole.seen), daemon=True).start()
            with client.call(lambda: take_replies(link("far").index)):
                yield whole
            listener.shutdown(socket.SHUT_RDWR)
    finally:
        for namespace in made:
            namespace.close()


@contextmanager
def guarded(whole: Gate, run: Path, not_native: str = "") -> Iterator[DataPlane]:
    """Put the data plane of a gateway on its outer interface, calm, by the library alone."""

    def begin() -> tuple[StateDirectory, DataPlane]:
        state = StateDirectory.prepare(run, run / "none")
        plane = DataPlane.start(state, probe.probe(), gateway=True)
        prepare(plane)
        plane.attach(link("out").index, not_native=not_native)
        return state, plane

    state, plane = whole.gateway.call(begin)
    try:
        yield plane
    finally:
        whole.gateway.call(plane.detach_all)
        plane.close()
        whole.gateway.call(state.remove)


def prepare(plane: DataPlane) -> None:
    """Fill the maps as the daemon would."""
    config = plane.config()
    config.flags, config.hash_seed = int(MACHINE), 77
    config.debt_halving_ns, config.slice_ns = 60 * SECOND_NS, 8 * SECOND_NS
    config.mss_ipv4, config.mss_ipv6 = 1460, 1440
    plane.set_config(config)
    plane.set_key(0, abi.Key(k0=1, k1=2, valid=1, window_scale=7))
    plane.set_lease(FOREVER_NS)
    services = ((4, PORT), (6, PORT), (4, CLOSED))
    for index, (version, port) in enumerate(services):
        plane.set_limits(index, limits())
        endpoint = Endpoint(ip_address(OUTSIDE[version]), port)
        plane.service_keys.update(encode_endpoint(endpoint), index.to_bytes(4, "little"))


def limits(mode: abi.Mode = abi.Mode.AUTO) -> abi.Limits:
    """Return the limits of a service behind, armed or not."""
    return abi.Limits(
        mode=mode, mechanism=abi.Mechanism.SPLICE, high=HIGH, low=2, hold_ns=SECOND_NS
    )


def arm(plane: DataPlane, mode: abi.Mode = abi.Mode.ARMED) -> None:
    """Arm every service, or with another mode let it be calm again."""
    for index in range(3):
        plane.set_limits(index, limits(mode))


def _join(client: Namespace, gateway: Namespace, server: Namespace) -> None:
    gateway.write_sysctl("ipv4.ip_forward", 1)
    gateway.write_sysctl("ipv6.conf.all.forwarding", 1)
    server.write_sysctl("ipv4.tcp_syncookies", 0)
    commands = f"""link set lo up
link add out address {_OUT_MAC} type veth peer name far netns {client.path}
link add in type veth peer name srv netns {server.path}
address add {OUTSIDE[4]}/24 dev out
address add {OUTSIDE[6]}/64 dev out nodad
address add 10.9.0.1/24 dev in
address add 2001:db8:9::1/64 dev in nodad
link set out up
link set in up
route add blackhole 198.18.0.0/15
"""
    gateway.run(["ip", "-batch", "-"], commands)
    client.run(["ip", "-batch", "-"], _far("far", CLIENT, OUTSIDE, "24"))
    inner, near = {4: "10.9.0.2", 6: "2001:db8:9::2"}, {4: "10.9.0.1", 6: "2001:db8:9::1"}
    server.run(["ip", "-batch", "-"], _far("srv", inner, near, "24"))
    # Checksums as on a wire: finished by who sends, and looked at by who receives.
    for namespace, device in ((client, "far"), (gateway, "out"), (gateway, "in"), (server, "srv")):
        namespace.run(["ethtool", "-K", device, "gro", "on", "tx", "off", "rx", "off"])
    gateway.run(["nft", "-f", "-"], RULES)
    server.run(["nft", "-f", "-"], _ARRIVALS)


def _far(device: str, own: dict[int, str], near: dict[int, str], bits: str) -> str:
    return f"""link set lo up
address add {own[4]}/{bits} dev {device}
address add {own[6]}/64 dev {device} nodad
link set {device} up
route add default via {near[4]}
route add default via {near[6]}
"""


def _listen() -> socket.socket:
    return socket.create_server(
        ("::", INNER), family=socket.AF_INET6, backlog=128, dualstack_ipv6=True
    )


def _serve(listener: socket.socket, seen: list[Agreed]) -> None:
    while True:
        try:
            made, _ = listener.accept()
        except OSError:
            return
        seen.append(agreed(made))
        threading.Thread(target=_echo, args=(made,), daemon=True).start()


def _echo(made: socket.socket) -> None:
    with made:
        try:
            while data := made.recv(1 << 16):
                made.sendall(data)
        except OSError:
            return
