r"""Two servers behind the lab's server, which then is their gateway: one for each version of IP.

    router ==== gateway ---- server of IPv4
                        \--- server of IPv6

Each has a queue of 128 and no SYN cookies; the gateway translates its own addresses to theirs.
"""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Final, Self

from floodwall.core.address import Address
from floodwall.kernel.sockdiag import half_open
from floodwall.lab.addresses import LAB_IPV4, LAB_IPV6, Family, network, server
from floodwall.lab.namespace import Namespace
from floodwall.lab.nginx import PORT, nginx
from floodwall.lab.result import Behind
from floodwall.lab.safety import alias_of

BACKLOG: Final = 128
SETTINGS: Final = "[gateway]\nenabled = true\n"
"""What makes Floodwall one: it finds what stands behind by the rules."""

_FIRST_NETWORK = 16  # beside those of the clients and the attackers
_LOOK_EVERY_S = 0.1
_COUNTER = f"""table inet watch {{
  counter forged {{ }}
  chain arrive {{
    type filter hook prerouting priority -400
    tcp flags & (fin | syn | rst | ack) == syn ip saddr != {LAB_IPV4} counter name forged
    tcp flags & (fin | syn | rst | ack) == syn ip6 saddr != {LAB_IPV6} counter name forged
  }}
}}
"""


def place(family: Family, host: int) -> Address:
    """Return the gateway's address (1) or the server's (2) in the network behind."""
    return network(family, _FIRST_NETWORK + int(family))[host]


@dataclass(frozen=True, slots=True)
class Servers:
    """Both, by the version of IP that they serve, and the process ids of their nginx."""

    namespaces: dict[Family, Namespace]
    pids: tuple[int, ...]


@contextmanager
def servers(gateway: Namespace, token: str, cpu: int, ports: tuple[int, ...]) -> Iterator[Servers]:
    """Build both with an nginx each, and remove them at the end."""
    with ExitStack() as built:
        namespaces: dict[Family, Namespace] = {}
        pids: list[int] = []
        for family in Family:
            made = Namespace.create(f"server of IPv{family}")
            built.callback(made.close)
            _join(gateway, made, token, family)
            hosts = (place(family, 2),)
            pids.append(built.enter_context(nginx(made, cpu, BACKLOG, ports[1:], hosts=hosts)))
            namespaces[family] = made
        gateway.run(["nft", "-f", "-"], _translation(ports))
        yield Servers(namespaces, tuple(pids))


def synproxy(ports: tuple[int, ...]) -> tuple[str, Mapping[str, int]]:
    """Return rules and sysctls of nftables' synproxy alone, as its manual has them."""
    listed = "{ " + ", ".join(map(str, ports)) + " }"
    out = "\n".join(_rules(ports))
    rules = f"""table inet proxy {{
  chain untracked {{
    type filter hook prerouting priority raw
    tcp dport {listed} tcp flags & (fin | syn | rst | ack) == syn notrack
  }}
  chain arrive {{
    type filter hook input priority 0
    tcp dport {listed} ct state invalid,untracked synproxy mss 1460 wscale 7 timestamp sack-perm
    ct state invalid drop
  }}
  chain leave {{
    type nat hook output priority -100
{out}
  }}
}}
"""
    return rules, {"netfilter.nf_conntrack_tcp_loose": 0}


def _join(gateway: Namespace, made: Namespace, token: str, family: Family) -> None:
    near, far = f"fw{token}b{family}", f"fw{token}d{family}"
    bits = network(family, 0).prefixlen
    unchecked = " nodad" if family is Family.IPV6 else ""
    mark = alias_of(token)
    for name, value in (("ipv6.conf.all.accept_dad", 0), ("ipv6.conf.default.accept_dad", 0)):
        made.write_sysctl(name, value)
    for name, value in (("tcp_syncookies", 0), ("tcp_max_syn_backlog", BACKLOG)):
        made.write_sysctl(f"ipv4.{name}", value)
    gateway.run(
        ["ip", "-batch", "-"],
        f"""link add {near} type veth peer name {far} netns {made.path}
link set {near} alias {mark}
link set {near} up
address add {place(family, 1)}/{bits} dev {near}{unchecked}
""",
    )
    made.run(
        ["ip", "-batch", "-"],
        f"""link set lo up
link set {far} alias {mark}
link set {far} up
address add {place(family, 2)}/{bits} dev {far}{unchecked}
route add default via {place(family, 1)}
""",
    )
    made.run(["nft", "-f", "-"], _COUNTER)


def _translation(ports: tuple[int, ...]) -> str:
    rules = "\n".join(_rules(ports))
    hook = "type nat hook prerouting priority -100"
    return f"table inet site {{\n  chain translate {{\n    {hook}\n{rules}\n  }}\n}}\n"


def _rules(ports: tuple[int, ...]) -> Iterator[str]:
    listed = "{ " + ", ".join(map(str, ports)) + " }"
    for family in Family:
        word = "ip" if family is Family.IPV4 else "ip6"
        there = place(family, 2)
        yield f"    {word} daddr {server(family)} tcp dport {listed} dnat {word} to {there}"


class Lookout:
    """Looks at the servers behind while an attack is on: how full their queues are."""

    def __init__(self, namespaces: Mapping[Family, Namespace]) -> None:
        self._namespaces = namespaces
        self._most = 0
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Look no more."""
        self._end.set()
        self._thread.join()

    def seen(self) -> Behind:
        """Return what was seen until now, and how many forged SYNs have arrived."""
        return Behind(self._most, sum(map(_forged, self._namespaces.values())))

    def _look(self) -> None:
        while not self._end.wait(_LOOK_EVERY_S):
            for namespace in self._namespaces.values():
                self._most = max(self._most, len(namespace.call(lambda: half_open(PORT))))


def _forged(namespace: Namespace) -> int:
    told = namespace.run(["nft", "list", "counter", "inet", "watch", "forged"])
    return int(told.split("packets ")[1].split()[0])
