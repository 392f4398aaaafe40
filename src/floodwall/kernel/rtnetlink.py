"""Interfaces, addresses and gateways of this network namespace."""

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from floodwall.core.address import MAPPED, Address, unpack
from floodwall.core.errors import ConfigError
from floodwall.kernel.netlink import Netlink, attributes

_NETLINK_ROUTE = 0
_GETLINK, _GETADDR, _GETROUTE = 18, 22, 26
_LINK = struct.Struct("=BxHiII")  # struct ifinfomsg: family, type, index, flags, change
_ADDRESS = struct.Struct("=BBBBI")  # struct ifaddrmsg: family, prefixlen, flags, scope, index
_ROUTE = struct.Struct("=BBBBBBBBI")  # struct rtmsg: family, dst_len, src_len, tos, table, ...
_NEXT_HOP = struct.Struct("=HBBi")  # struct rtnexthop: len, flags, hops, ifindex
_WORD = struct.Struct("=I")
_IFLA_ADDRESS, _IFLA_IFNAME, _IFLA_MTU, _IFLA_MASTER, _IFLA_LINKINFO = 1, 3, 4, 10, 18
_IFLA_INFO_KIND, _IFLA_INFO_SLAVE_KIND = 1, 4
_IFLA_STATS64 = 23
# rx_packets, rx_bytes, tx_bytes, rx_dropped and rx_missed_errors: words 0, 2, 3, 6 and 15
_STATS = struct.Struct("=Q8xQQ16xQ64xQ")
_IFA_ADDRESS, _IFA_LOCAL = 1, 2
_RTA_OIF, _RTA_GATEWAY, _RTA_PRIORITY, _RTA_MULTIPATH, _RTA_TABLE, _RTA_VIA = 4, 5, 6, 9, 15, 18
_IFF_UP, _IFF_LOOPBACK = 1, 8
_BRIDGE = "bridge"
_RTN_UNICAST = 1
_MAIN_TABLE = 254
_IPV4_BYTES = 4
_FAMILIES = (socket.AF_INET, socket.AF_INET6)


@dataclass(frozen=True, slots=True)
class Traffic:
    """What an interface counted since it was made: struct rtnl_link_stats64."""

    received_packets: int = 0
    received_bytes: int = 0
    sent_bytes: int = 0
    receive_drops: int = 0
    """Packets dropped behind the driver, and those that the host was too slow to take."""


@dataclass(frozen=True, slots=True)
class Interface:
    """A network interface; `kind` is veth, bridge, ... and empty for hardware."""

    index: int
    name: str
    mtu: int
    mac: bytes
    kind: str
    up: bool
    loopback: bool
    traffic: Traffic = Traffic()
    bridge: int = 0
    """Index of the bridge that it is a port of; 0 if it is none."""


@dataclass(frozen=True, slots=True)
class InterfaceAddress:
    """An address of an interface and the bits of its network."""

    ifindex: int
    addr: Address
    prefix_bits: int


@dataclass(frozen=True, slots=True)
class Gateway:
    """A next hop of a route; `addr` is None where the route leads straight to the interface."""

    family: int
    ifindex: int
    addr: Address | None
    default: bool
    metric: int
    table: int


def links() -> list[Interface]:
    """Return every interface."""
    with Netlink(_NETLINK_ROUTE, "interfaces") as route:
        return [_interface(view) for view in route.dump(_GETLINK, _LINK.pack(0, 0, 0, 0, 0))]


def link(name: str) -> Interface:
    """Return the interface that the operator named."""
    found = links()
    for each in found:
        if each.name == name:
            return each
    known = ", ".join(each.name for each in found if not each.loopback)
    raise ConfigError(f"there is no interface {name}", hint=f"there are: {known or 'none'}")


def addresses(ifindex: int | None = None) -> list[InterfaceAddress]:
    """Return the addresses of one interface, or of all."""
    with Netlink(_NETLINK_ROUTE, "addresses") as route:
        views = route.dump(_GETADDR, _ADDRESS.pack(0, 0, 0, 0, 0))
    found = [_interface_address(view) for view in views]
    return [each for each in found if ifindex in {None, each.ifindex}]


def routes() -> list[Gateway]:
    """Return every next hop of every unicast route, of all tables."""
    found: list[Gateway] = []
    with Netlink(_NETLINK_ROUTE, "routes") as route:
        for family in _FAMILIES:
            for view in route.dump(_GETROUTE, _ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0)):
                found.extend(_next_hops(view))
    return found


def gateways() -> list[Address]:
    """Return the distinct addresses of routers that routes of this machine name."""
    return list(dict.fromkeys(hop.addr for hop in routes() if hop.addr is not None))


def default_interface() -> Interface:
    """Return the interface of the default route: IPv4 before IPv6, lowest metric first."""
    choices = [hop for hop in routes() if hop.default and hop.table == _MAIN_TABLE and hop.ifindex]
    if not choices:
        raise ConfigError("there is no default route", hint="name the interface: --interface eth0")
    best = min(choices, key=lambda hop: (hop.family, hop.metric))  # AF_INET is below AF_INET6
    for each in links():
        if each.index == best.ifindex:
            return each
    raise ConfigError("the interface of the default route has just gone", hint="start again")


def _interface(view: memoryview) -> Interface:
    _, _, index, flags, _ = _LINK.unpack_from(view)
    found = attributes(view, _LINK.size)
    info = attributes(found.get(_IFLA_LINKINFO, memoryview(b"")), 0)
    bridged = _text(info.get(_IFLA_INFO_SLAVE_KIND)) == _BRIDGE
    return Interface(
        index=index,
        name=_text(found.get(_IFLA_IFNAME)),
        mtu=_WORD.unpack_from(found[_IFLA_MTU])[0] if _IFLA_MTU in found else 0,
        mac=bytes(found.get(_IFLA_ADDRESS, b"")),
        kind=_text(info.get(_IFLA_INFO_KIND)),
        up=bool(flags & _IFF_UP),
        loopback=bool(flags & _IFF_LOOPBACK),
        traffic=_traffic(found.get(_IFLA_STATS64)),
        bridge=_number(found.get(_IFLA_MASTER)) if bridged else 0,
    )


def _traffic(view: memoryview | None) -> Traffic:
    if view is None or len(view) < _STATS.size:
        return Traffic()
    packets, received, sent, dropped, missed = _STATS.unpack_from(view)
    return Traffic(packets, received, sent, dropped + missed)


def _interface_address(view: memoryview) -> InterfaceAddress:
    _, bits, _, _, index = _ADDRESS.unpack_from(view)
    found = attributes(view, _ADDRESS.size)
    # On a point-to-point link IFA_ADDRESS is the other end and IFA_LOCAL is ours.
    raw = found.get(_IFA_LOCAL, found.get(_IFA_ADDRESS, memoryview(bytes(16))))
    return InterfaceAddress(index, _ip(bytes(raw)), bits)


def _next_hops(view: memoryview) -> Iterator[Gateway]:
    family, bits, _, _, table, _, _, kind, _ = _ROUTE.unpack_from(view)
    if kind != _RTN_UNICAST:
        return
    found = attributes(view, _ROUTE.size)
    metric = _number(found.get(_RTA_PRIORITY))
    table = _number(found.get(_RTA_TABLE)) or table
    if _RTA_MULTIPATH not in found:
        ifindex = _number(found.get(_RTA_OIF))
        yield Gateway(family, ifindex, _router(found), bits == 0, metric, table)
        return
    hops = found[_RTA_MULTIPATH]
    while len(hops) >= _NEXT_HOP.size:
        length, _, _, ifindex = _NEXT_HOP.unpack_from(hops)
        if length < _NEXT_HOP.size:
            return
        inner = attributes(hops[:length], _NEXT_HOP.size)
        yield Gateway(family, ifindex, _router(inner), bits == 0, metric, table)
        hops = hops[(length + 3) & ~3 :]


def _router(found: dict[int, memoryview]) -> Address | None:
    if _RTA_GATEWAY in found:
        return _ip(bytes(found[_RTA_GATEWAY]))
    if _RTA_VIA in found:  # struct rtvia: family, then an address of that family
        return _ip(bytes(found[_RTA_VIA][2:]))
    return None


def _ip(raw: bytes) -> Address:
    return unpack(MAPPED + raw if len(raw) == _IPV4_BYTES else raw)


def _number(view: memoryview | None) -> int:
    return int(_WORD.unpack_from(view)[0]) if view is not None else 0


def _text(view: memoryview | None) -> str:
    return bytes(view).rstrip(b"\0").decode(errors="replace") if view is not None else ""
