"""Routes that lead nowhere, in a table of our own that a rule of our own looks into first.

Law: only routes of this table and protocol, and only the rule of this protocol, are touched.
"""

import contextlib
import errno
import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import ip_network
from typing import Final

from floodwall.core.address import Network
from floodwall.core.errors import KernelError
from floodwall.kernel.failure import kernel_error
from floodwall.kernel.netlink import Netlink, attributes

TABLE: Final = 4987
"""Number of the routing table, after RFC 4987."""
PROTOCOL: Final = 87
"""Number that marks routes and rules as ours: `proto 87` of ip(8)."""
PREFERENCE: Final = 10
"""Of the rule: behind the table of own addresses (0), before everything else."""
_NETLINK_ROUTE: Final = 0
_NEWROUTE, _DELROUTE, _GETROUTE = 24, 25, 26
_NEWRULE, _DELRULE, _GETRULE = 32, 33, 34
_CREATE: Final = 0x400 | 0x200  # NLM_F_CREATE | NLM_F_EXCL
# struct rtmsg: family, dst_len, src_len, tos, table, protocol, scope, type, flags;
# struct fib_rule_hdr has the same shape, with its action in the place of the type.
_MESSAGE: Final = struct.Struct("=BBBBBBBBI")
_ATTRIBUTE: Final = struct.Struct("=HH")
_WORD: Final = struct.Struct("=I")
_DST, _PRIORITY, _TABLE, _RULE_PROTOCOL = 1, 6, 15, 21
_TO_TABLE: Final = 1  # FR_ACT_TO_TBL
_UNSPEC: Final = 0  # RT_TABLE_UNSPEC: the number is in an attribute
_FAMILIES: Final = {4: socket.AF_INET, 6: socket.AF_INET6}
_ABSENT: Final = frozenset({errno.ESRCH, errno.ENOENT})
_NO_FAMILY: Final = frozenset({errno.EAFNOSUPPORT, errno.EOPNOTSUPP})


class Fate(IntEnum):
    """What becomes of a packet to a destination; values of rtm_type."""

    BLACKHOLE = 6
    THROW = 9
    """Leave this table and ask the next one."""


@dataclass(frozen=True, slots=True)
class NullRoute:
    """A route of ours; the metric only tells routes to one network apart, the lowest is used."""

    network: Network
    fate: Fate
    metric: int


def null_routes() -> list[NullRoute]:
    """Return the routes of our table that are ours."""
    found: list[NullRoute] = []
    with Netlink(_NETLINK_ROUTE, "routes", strict=True) as route:
        for version, family in _FAMILIES.items():
            body = _MESSAGE.pack(family, 0, 0, 0, _UNSPEC, PROTOCOL, 0, 0, 0)
            try:
                views = route.dump(_GETROUTE, body + _attribute(_TABLE, _WORD.pack(TABLE)))
            except KernelError as error:
                if error.errno in _ABSENT | _NO_FAMILY:
                    continue
                raise
            found.extend(_routes(views, version))
    return found


def add(routes: Iterable[NullRoute]) -> None:
    """Add routes; one that is there already stays."""
    _change(_NEWROUTE, _CREATE, [_route(each) for each in routes], frozenset({errno.EEXIST}))


def remove(routes: Iterable[NullRoute]) -> None:
    """Remove routes; one that is gone already does not matter."""
    _change(_DELROUTE, 0, [_route(each) for each in routes], _ABSENT)


def rules() -> frozenset[int]:
    """Return the IP versions whose rule is in its place."""
    found: set[int] = set()
    with Netlink(_NETLINK_ROUTE, "rules") as route:
        for version, family in _FAMILIES.items():
            try:
                views = route.dump(_GETRULE, _MESSAGE.pack(family, *bytes(8)))
            except KernelError as error:
                if error.errno in _NO_FAMILY:
                    continue
                raise
            found |= {version for view in views if _is_ours(view, family)}
    return frozenset(found)


def versions() -> frozenset[int]:
    """Return the IP versions that this kernel routes by rules."""
    found: set[int] = set()
    with Netlink(_NETLINK_ROUTE, "rules") as route:
        for version, family in _FAMILIES.items():
            with contextlib.suppress(KernelError):
                if route.dump(_GETRULE, _MESSAGE.pack(family, *bytes(8))):
                    found.add(version)
    return frozenset(found)


def add_rule(version: int) -> None:
    """Let packets of an IP version look into our table."""
    _change(_NEWRULE, _CREATE, [_rule(version)], frozenset({errno.EEXIST}))


def remove_rule(version: int) -> None:
    """Let packets of an IP version pass our table by."""
    _change(_DELRULE, 0, [_rule(version)], _ABSENT | _NO_FAMILY)


def _change(kind: int, flags: int, bodies: list[bytes], fine: frozenset[int]) -> None:
    with Netlink(_NETLINK_ROUTE, "routes") as route:
        refused = [code for code in route.change(kind, flags, bodies) if code not in {0, *fine}]
    if refused:
        raise kernel_error("change route", refused[0], f"of table {TABLE}")


def _route(route: NullRoute) -> bytes:
    family = _FAMILIES[route.network.version]
    head = _MESSAGE.pack(family, route.network.prefixlen, 0, 0, _UNSPEC, PROTOCOL, 0, route.fate, 0)
    return (
        head
        + _attribute(_DST, route.network.network_address.packed)
        + _attribute(_PRIORITY, _WORD.pack(route.metric))
        + _attribute(_TABLE, _WORD.pack(TABLE))
    )


def _rule(version: int) -> bytes:
    return (
        _MESSAGE.pack(_FAMILIES[version], 0, 0, 0, _UNSPEC, 0, 0, _TO_TABLE, 0)
        + _attribute(_PRIORITY, _WORD.pack(PREFERENCE))
        + _attribute(_TABLE, _WORD.pack(TABLE))
        + _attribute(_RULE_PROTOCOL, bytes([PROTOCOL]))
    )


def _attribute(kind: int, value: bytes) -> bytes:
    return _ATTRIBUTE.pack(_ATTRIBUTE.size + len(value), kind) + value + bytes(-len(value) % 4)


def _routes(views: Iterable[memoryview], version: int) -> Iterator[NullRoute]:
    for view in views:
        _, bits, _, _, table, protocol, _, kind, _ = _MESSAGE.unpack_from(view)
        found = attributes(view, _MESSAGE.size)
        table = _word(found.get(_TABLE)) or table
        if (table, protocol) != (TABLE, PROTOCOL) or kind not in {fate.value for fate in Fate}:
            continue
        raw = bytes(found[_DST]) if _DST in found else bytes(4 if version == 4 else 16)
        yield NullRoute(ip_network((raw, bits)), Fate(kind), _word(found.get(_PRIORITY)))


def _is_ours(view: memoryview, family: int) -> bool:
    own, _, _, _, table, _, _, action, _ = _MESSAGE.unpack_from(view)
    found = attributes(view, _MESSAGE.size)
    table = _word(found.get(_TABLE)) or table
    protocol = bytes(found.get(_RULE_PROTOCOL, b""))[:1]
    preference = _word(found.get(_PRIORITY))
    wanted = (family, TABLE, _TO_TABLE, bytes([PROTOCOL]), PREFERENCE)
    return (own, table, action, protocol, preference) == wanted


def _word(view: memoryview | None) -> int:
    return int(_WORD.unpack_from(view)[0]) if view is not None else 0
