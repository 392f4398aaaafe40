"""The table of our own in nftables: its sets, chains and rules as commands, and as listed.

Law: everything here has one writer; commands build all of it from any state, in one transaction,
and leave the elements of sets as they are.
"""

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from floodwall.kernel._abi import BAN_NETS_MAX, BANS_MAX
from floodwall.kernel.nftables import Json

FAMILY: Final = "inet"
TABLE: Final = "floodwall"
_START: Final = "bans"
_JUDGE: Final = "judge"
CHAINS: Final = frozenset({_START, _JUDGE})
"""Names of our chains."""
_PRIORITY: Final = -450
"""NF_IP_PRI_RAW_BEFORE_DEFRAG: before fragments are gathered, and long before conntrack (-200)."""
_BITS: Final = {4: 32, 6: 128}
_PROTOCOLS: Final = {4: "ip", 6: "ip6"}
_OBJECTS: Final = ("set", "chain", "rule")


def set_name(version: int, bits: int) -> str:
    """Return the name of the set of bans with this prefix length."""
    return f"v{version}_{bits}"


def never_set(version: int) -> str:
    """Return the name of the never-ban set of an IP version."""
    return f"never{version}"


def shape(name: str) -> tuple[int, int] | None:
    """Return IP version and prefix length of a set of bans; None for other sets."""
    version, _, bits = name.removeprefix("v").partition("_")
    if not (version.isdecimal() and bits.isdecimal()) or int(version) not in _BITS:
        return None
    return (int(version), int(bits)) if set_name(int(version), int(bits)) == name else None


def frame(names: Iterable[str]) -> list[str]:
    """Return the commands that make the table with these sets of bans."""
    shapes = sorted(filter(None, map(shape, names)), key=lambda each: (each[0], -each[1]))
    where = f"{FAMILY} {TABLE}"
    hook = f"type filter hook prerouting priority {_PRIORITY}; policy accept;"
    return [
        f"add table {where}",
        *(_never(version) for version in _BITS),
        *(_bans(version, bits) for version, bits in shapes),
        f"add chain {where} {_JUDGE}",
        f"add chain {where} {_START} {{ {hook} }}",
        f"flush chain {where} {_START}",
        f"flush chain {where} {_JUDGE}",
        *(f"add rule {where} {_START} {_match(*each)} goto {_JUDGE}" for each in shapes),
        *(
            f"add rule {where} {_JUDGE} {protocol} saddr @{never_set(version)} counter return"
            for version, protocol in _PROTOCOLS.items()
        ),
        f"add rule {where} {_JUDGE} counter drop",
    ]


def frame_of(listed: Iterable[Json]) -> list[Json]:
    """Return what is listed without that which changes by itself: elements, counters, handles."""
    found = [_bare(each) for each in listed]
    return [each for each in found if each]


def is_foreign(listed: Iterable[Json]) -> bool:
    """Tell whether a table of our name was made by somebody else: nothing of ours is in it."""
    names = {each[kind]["name"] for each in listed for kind in ("set", "chain") if kind in each}
    ours = {*CHAINS, *map(never_set, _BITS), *filter(shape, names)}
    return bool(names) and not names & ours


def _never(version: int) -> str:
    return (
        f"add set {FAMILY} {TABLE} {never_set(version)}"
        f" {{ type ipv{version}_addr; flags interval; }}"
    )


def _bans(version: int, bits: int) -> str:
    size = BANS_MAX if bits == _BITS[version] else BAN_NETS_MAX
    return (
        f"add set {FAMILY} {TABLE} {set_name(version, bits)}"
        f" {{ type ipv{version}_addr; flags timeout; size {size}; counter; }}"
    )


def _match(version: int, bits: int) -> str:
    address = f"{_PROTOCOLS[version]} saddr"
    if bits < _BITS[version]:
        address += f" & {_mask(version, bits)}"
    return f"{address} @{set_name(version, bits)}"


def _mask(version: int, bits: int) -> str:
    whole = _BITS[version]
    number = (1 << whole) - (1 << (whole - bits))
    return str(IPv4Address(number) if version == 4 else IPv6Address(number))


def _bare(each: Json) -> Json:
    kind = next((kind for kind in _OBJECTS if kind in each), None)
    if kind is None:
        return {}
    kept = {key: value for key, value in each[kind].items() if key not in {"handle", "elem"}}
    if "expr" in kept:
        kept["expr"] = list(_without_counts(kept["expr"]))
    return {kind: kept}


def _without_counts(expressions: Iterable[Json]) -> Iterator[Json]:
    for each in expressions:
        yield {"counter": None} if "counter" in each else each
