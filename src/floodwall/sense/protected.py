"""Who must never be cut off, as the machine itself knows it."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address
from pathlib import Path

from floodwall.core.address import Address
from floodwall.core.model import Guard, Protected, Target
from floodwall.core.networks import as_network
from floodwall.kernel import rtnetlink, sockdiag

SSH_PORT = 22
_SSHD = "sshd"
_LOOPBACK = frozenset(
    Protected(network, Guard.OWN) for network in (IPv4Network("127.0.0.0/8"), IPv6Network("::1"))
)
_RESOLV_CONF = Path("/etc/resolv.conf")


def protected_networks(
    targets: Iterable[Target], addresses: Iterable[Address], ssh_ports: Collection[int]
) -> frozenset[Protected]:
    """Return own addresses, gateways, resolvers and live SSH peers.

    Loopback is our own as a whole: the ban sets of nftables see packets to ourselves, too.
    """
    ports = {*ssh_ports, *sshd_ports(targets)}
    peers = (peer for port in sorted(ports) for peer in sockdiag.established_peers(port))
    groups: Mapping[Guard, Iterable[Address]] = {
        Guard.OWN: addresses,
        Guard.GATEWAY: rtnetlink.gateways(),
        Guard.RESOLVER: resolvers(_read(_RESOLV_CONF)),
        Guard.SSH_PEER: [*peers, *session_peer(os.environ)],
    }
    found = {
        Protected(as_network(address), guard)
        for guard, members in groups.items()
        for address in members
        if not (address.is_loopback or address.is_unspecified)
    }
    return _LOOPBACK | found


def sshd_ports(targets: Iterable[Target]) -> frozenset[int]:
    """Return the ports that sshd listens on; port 22 counts, whoever owns the socket."""
    named = {target.bound.port for target in targets if target.process == _SSHD}
    return frozenset(named | {SSH_PORT})


def resolvers(resolv_conf: str) -> Iterator[Address]:
    """Read the name servers of a resolv.conf(5)."""
    for line in resolv_conf.splitlines():
        words = line.split()
        if len(words) > 1 and words[0] == "nameserver":
            yield from _address(words[1])


def session_peer(environment: Mapping[str, str]) -> Iterator[Address]:
    """Read the client of the SSH session that we were started in, sshd(8)."""
    words = environment.get("SSH_CONNECTION", "").split()
    if words:
        yield from _address(words[0])


def _address(text: str) -> Iterator[Address]:
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return  # another's file: what we cannot read we cannot protect
    mapped = address.ipv4_mapped if address.version == 6 else None
    yield mapped or address


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
