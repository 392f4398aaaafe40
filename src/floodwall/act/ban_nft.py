"""Bans in nftables: sets with timeouts in a table of our own, dropped before conntrack sees them.

Law: nothing outside of this table is read or written.  A prefix length has a set of its own, so
that nested bans are exact; the kernel asks the never-ban sets before each drop.
"""

import errno
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from ipaddress import ip_address, ip_network, summarize_address_range
from pathlib import Path
from typing import Any, Final

from floodwall.act.ban_backend import Ban
from floodwall.act.ban_xdp import config_lock
from floodwall.act.nft_frame import (
    CHAINS,
    FAMILY,
    TABLE,
    frame,
    frame_of,
    is_foreign,
    never_set,
    set_name,
    shape,
)
from floodwall.core.address import Network
from floodwall.core.errors import KernelError, NotSupported
from floodwall.core.model import SECOND_NS, Guard
from floodwall.kernel.nftables import Json, Nftables

_MS_NS: Final = 1_000_000
_CHUNK: Final = 4096  # elements in one command


class NftBans:
    """The bans of one network namespace in `table inet floodwall`."""

    precision_ns: Final = 2 * SECOND_NS
    """nft lists an expiry in whole seconds."""

    guards_first: Final = True

    def __init__(self, nftables: Nftables, run: Path) -> None:
        self._nft = nftables
        self._run = run
        self._frame: list[Json] | None = None
        self._sets: frozenset[str] = frozenset()
        self._generation: int | None = None
        self._listed: list[Json] | None = None
        self._guards: Mapping[Network, Guard] | None = None

    def changing(self) -> AbstractContextManager[object]:
        """Keep other writers of bans out."""
        return config_lock(self._run)

    def stored(self, now_ns: int) -> Iterator[Ban]:
        """Return every element of the sets of bans."""
        listed = self._look()
        # Seconds that are left count from the time of the listing.
        self._listed = None
        return (
            _ban(element, where[1], now_ns)
            for each in _sets(listed)
            if (where := shape(each["name"])) is not None
            for element in each.get("elem", [])
        )

    def put(self, bans: Mapping[Network, int], now_ns: int) -> None:
        """Add elements, in one transaction; one that is there begins anew, also its hits."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for network, expires_ns in bans.items():
            timeout = _timeout(expires_ns - now_ns) if expires_ns else ""
            element = (str(network.network_address), timeout)
            groups.setdefault(set_name(network.version, network.prefixlen), []).append(element)
        self._ensure(groups)
        lines: list[str] = []
        for name, elements in groups.items():
            # Kernels before 6.12 keep the timeout of an element that is added again.
            plain = [address for address, _ in elements]
            lines += [*_each("add", name, plain), *_each("delete", name, plain)]
            lines += _each("add", name, [f"{address}{timeout}" for address, timeout in elements])
        self._change(lines)

    def remove(self, networks: Iterable[Network]) -> None:
        """Delete elements; some may have expired, or their whole set may be gone."""
        groups: dict[str, list[str]] = {}
        for network in networks:
            name = set_name(network.version, network.prefixlen)
            groups.setdefault(name, []).append(str(network.network_address))
        for name, addresses in groups.items():
            lines = [*_each("add", name, addresses), *_each("delete", name, addresses)]
            try:
                self._change(lines)
            except KernelError as error:
                if error.errno != errno.ENOENT:
                    raise

    def sweep(self, now_ns: int) -> int:
        """Nothing: the kernel removes what has expired."""
        del now_ns
        return 0

    def guards(self) -> dict[Network, Guard]:
        """Return the never-ban sets; the comment of an element says why it is there."""
        names = {never_set(4), never_set(6)}
        return {
            network: _guard(element)
            for each in _sets(self._look())
            if each["name"] in names
            for element in each.get("elem", [])
            for network in _networks(element)
        }

    def allow(self, network: Network) -> None:
        """Add one network to the never-ban sets."""
        with self.changing():
            self.set_guards({**self.guards(), network: Guard.OPERATOR})

    def disallow(self, network: Network) -> None:
        """Take one network out of the never-ban sets."""
        with self.changing():
            self.set_guards({net: why for net, why in self.guards().items() if net != network})

    def set_guards(self, guards: Mapping[Network, Guard]) -> None:
        """Replace the never-ban sets, in one transaction; what lies inside another is left out."""
        self._ensure(())
        self._guards = {
            network: guards[network]
            for version in (4, 6)
            for network in outermost(net for net in guards if net.version == version)
        }
        lines: list[str] = []
        for version in (4, 6):
            name = never_set(version)
            lines.append(f"flush set {FAMILY} {TABLE} {name}")
            mine = (each for each in self._guards.items() if each[0].version == version)
            lines += _each("add", name, [f'{net} comment "{guard}"' for net, guard in mine])
        self._change(lines)

    def repair(self, now_ns: int) -> list[str]:
        """Make table, sets, chains and rules again where they are not as they should be."""
        del now_ns
        told: list[str] = []
        listed = self._look()
        if self._frame is None:
            _refuse_foreign(listed)
        if self._frame is None or frame_of(listed) != self._frame:
            told += [f"made table {FAMILY} {TABLE} of nftables again"] if self._frame else []
            self._make_frame(self._sets | {each["name"] for each in _sets(listed)})
        if self._guards is not None and self.guards() != self._guards:
            self.set_guards(self._guards)
            told.append("made the never-ban sets of nftables again")
        return told

    def untouched(self) -> bool:
        """Tell whether nobody has changed any rule of nftables since our last look."""
        return self._generation is not None and self._nft.generation() == self._generation

    def destroy(self) -> bool:
        """Remove the table with all that is in it; return whether there was one."""
        there = self.is_there()
        if there:
            self._nft.run(f"delete table {FAMILY} {TABLE}")
        self._frame = self._guards = None
        return there

    def is_there(self) -> bool:
        """Tell whether there is a table of ours."""
        if CHAINS & {name for table, name in self._nft.chains(FAMILY) if table == TABLE}:
            return True
        listed = self._nft.table(FAMILY, TABLE)
        return listed is not None and not is_foreign(listed)

    def close(self) -> None:
        """Let go of nftables; bans stay."""
        self._nft.close()

    def _ensure(self, names: Iterable[str]) -> None:
        """Have a set for each of these names."""
        if self._frame is None or not self._sets.issuperset(names):
            listed = self._look()
            _refuse_foreign(listed)
            there = {each["name"] for each in _sets(listed)}
            self._make_frame(self._sets.union(names, there))

    def _make_frame(self, names: Iterable[str]) -> None:
        """Make the table around the elements that are there, or anew if that cannot be done."""
        self._frame = None
        commands = frame(names)
        try:
            self._change(commands)
        except KernelError:
            # A chain with another hook, or a set of another type, stands in the way.
            self._change([f"add table {FAMILY} {TABLE}", f"delete table {FAMILY} {TABLE}"])
            self._change(commands)
        self._listed = None
        listed = self._look()
        self._frame = frame_of(listed)
        self._sets = frozenset(each["name"] for each in _sets(listed))

    def _look(self) -> list[Json]:
        """List the table, unless that was done and nothing has changed since."""
        generation = self._nft.generation()
        if self._listed is None or generation != self._generation:
            self._listed = self._nft.table(FAMILY, TABLE) or []
            self._generation = generation
        return self._listed

    def _change(self, commands: list[str]) -> None:
        """Run one transaction; if it was the only one, nobody else has changed anything."""
        if not commands:
            return
        before = self._nft.generation()
        known = before == self._generation
        self._generation = self._listed = None
        self._nft.run("\n".join(commands))
        after = self._nft.generation()
        if known and after == before + 1:
            self._generation = after


def outermost(networks: Iterable[Network]) -> Iterator[Network]:
    """Leave out the networks of one IP version that lie inside another: intervals must not nest."""
    last: Network | None = None
    for network in sorted(networks, key=lambda net: (int(net.network_address), net.prefixlen)):
        if last is None or int(network.network_address) > int(last.broadcast_address):
            last = network
            yield network


def _refuse_foreign(listed: Iterable[Json]) -> None:
    if is_foreign(listed):
        raise NotSupported(
            f"table {FAMILY} {TABLE} was made by somebody else",
            feature="nftables",
            hint=f"`nft list table {FAMILY} {TABLE}` shows it",
        )


def _sets(listed: Iterable[Json]) -> Iterator[Json]:
    return (each["set"] for each in listed if "set" in each)


def _each(verb: str, name: str, elements: list[str]) -> Iterator[str]:
    """Return commands for many elements of a set; none for none."""
    for start in range(0, len(elements), _CHUNK):
        chunk = ", ".join(elements[start : start + _CHUNK])
        yield f"{verb} element {FAMILY} {TABLE} {name} {{ {chunk} }}"


def _timeout(left_ns: int) -> str:
    left_ms = max(1, left_ns // _MS_NS)
    return f" timeout {left_ms // 1000}s{left_ms % 1000}ms"


def _ban(element: Json, bits: int, now_ns: int) -> Ban:
    fields = element["elem"]
    left_ns = int(fields.get("expires", 0)) * SECOND_NS + SECOND_NS // 2
    return Ban(
        network=ip_network((fields["val"], bits)),
        expires_ns=now_ns + left_ns if "timeout" in fields else 0,
        hits=int(fields.get("counter", {}).get("packets", 0)),
    )


def _networks(element: Any) -> list[Network]:
    """Read an element of an interval set: an address, a prefix or a range."""
    value = element["elem"]["val"] if isinstance(element, dict) and "elem" in element else element
    if isinstance(value, str):
        return [ip_network(value)]
    if "prefix" in value:
        return [ip_network((value["prefix"]["addr"], value["prefix"]["len"]))]
    first, last = map(ip_address, value["range"])
    return list(summarize_address_range(first, last))


def _guard(element: Any) -> Guard:
    fields = element.get("elem", {}) if isinstance(element, dict) else {}
    comment = fields.get("comment", "")
    return next((guard for guard in Guard if guard == comment), Guard.OPERATOR)
