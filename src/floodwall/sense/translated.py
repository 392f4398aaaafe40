"""Destinations that netfilter rewrites before a listener sees them: containers, load balancers.

A cookie answered in front of such a rule would be accepted by nobody, so these endpoints are left
alone until gateway mode takes them.
"""

import contextlib
import json
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from floodwall.core.address import Network
from floodwall.core.errors import KernelError
from floodwall.core.model import Translation

_Json = Mapping[str, Any]
_REWRITES = frozenset({"dnat", "redirect", "tproxy"})
_ALL_PORTS = (1, 65535)
_PORT_FIELDS = frozenset({("tcp", "dport"), ("th", "dport")})
_ADDRESS_FIELDS = frozenset({("ip", "daddr"), ("ip6", "daddr")})
_Place = tuple[str, str, str]  # family, table and chain
_TIMEOUT_S = 5
_LEGACY = (Path("/proc/net/ip_tables_names"), Path("/proc/net/ip6_tables_names"))


@dataclass(frozen=True, slots=True)
class Rewriting:
    """What is rewritten, and whether there are NAT rules at all, for whatever direction."""

    translations: tuple[Translation, ...] = ()
    nat: bool = False


def read_rewriting() -> Rewriting:
    """Ask nft for the rules of this network namespace; without nft there are none to see.

    LIMIT: nft shows no rules of the legacy iptables, and of a multiport match of iptables-nft not
    the ports: such a rule counts for all of them.
    """
    nft = shutil.which("nft")
    if nft is None:
        return Rewriting(nat=has_legacy_nat())
    try:
        answer = subprocess.run(
            # Terse: named sets may hold many thousand bans, ours among them.
            [nft, "-j", "-t", "list", "ruleset"],
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=True,
        )
        rules = json.loads(answer.stdout or "{}")
        return Rewriting(translations(rules), has_nat(rules) or has_legacy_nat())
    except subprocess.CalledProcessError as error:
        raise KernelError(f"nft cannot list the rules: {error.stderr.strip()}") from error
    except (OSError, subprocess.TimeoutExpired, ValueError) as error:
        raise KernelError(f"nft cannot list the rules: {error}") from error


def has_nat(ruleset: _Json) -> bool:
    """Tell whether a chain of NAT is there.

    LIMIT: behind NAT rules the kernel takes the request away from a packet that was handed over
    (nf_nat_ipv4_local_in() compares its port with one that is not filled in yet, seen on 6.18), so
    there its own cookies are used, which keep the MSS alone.
    """
    chains = (item.get("chain") or {} for item in ruleset.get("nftables", []))
    return any(chain.get("type") == "nat" for chain in chains)


def has_legacy_nat(files: Iterable[Path] = _LEGACY) -> bool:
    """Tell whether the legacy iptables has a nat table in this network namespace."""
    for file in files:
        with contextlib.suppress(OSError):
            if "nat" in file.read_text().split():
                return True
    return False


def translations(ruleset: _Json) -> tuple[Translation, ...]:
    """Find what is rewritten in chains that begin in prerouting, with those that they jump to."""
    rules, starts = _chains(ruleset)
    paths = [(place, _Narrowed()) for place in starts]
    found: dict[Translation, None] = {}
    seen: set[tuple[_Place, _Narrowed]] = set()
    while paths:
        path = paths.pop()
        if path in seen:
            continue
        seen.add(path)
        (family, table, _), narrowed = path
        for expressions in rules.get(path[0], []):
            inside = narrowed.by(expressions)
            paths += [((family, table, target), inside) for target in _jumps(expressions)]
            if any(_rewrites(expression) for expression in expressions) and inside.tcp:
                found |= dict.fromkeys(inside.translations(_map_ports(expressions)))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class _Narrowed:
    """What the rules on the way to a rule have asked of a packet; empty asks nothing."""

    ports: tuple[tuple[int, int], ...] = ()
    networks: tuple[Network, ...] = ()
    tcp: bool = True

    def by(self, expressions: Iterable[_Json]) -> "_Narrowed":
        """Return what is asked behind a rule with these expressions."""
        matches = [expression["match"] for expression in expressions if "match" in expression]
        ports = [_port_range(value) for value in _values(matches, _PORT_FIELDS)]
        networks = [_network(value) for value in _values(matches, _ADDRESS_FIELDS)]
        other = any((_field(match) or ("",))[0] in {"udp", "sctp"} for match in matches)
        return _Narrowed(
            ports=tuple(ports) or self.ports,
            # A value that cannot be read narrows nothing.
            networks=tuple(n for n in networks if n is not None and None not in networks)
            or self.networks,
            tcp=self.tcp and not other,
        )

    def translations(self, map_ports: tuple[tuple[int, int], ...]) -> Iterator[Translation]:
        """Yield what a rewriting rule behind these conditions rewrites."""
        for first, last in map_ports or self.ports or (_ALL_PORTS,):
            for network in self.networks or (None,):
                yield Translation(first, last, network)


def _chains(ruleset: _Json) -> tuple[dict[_Place, list[list[_Json]]], list[_Place]]:
    """Return the rules of each chain, and the chains that see packets before routing."""
    rules: dict[_Place, list[list[_Json]]] = {}
    starts: list[_Place] = []
    for item in ruleset.get("nftables", []):
        if (chain := item.get("chain")) and chain.get("hook") == "prerouting":
            starts.append((chain["family"], chain["table"], chain["name"]))
        if rule := item.get("rule"):
            place = (rule["family"], rule["table"], rule["chain"])
            rules.setdefault(place, []).append(rule.get("expr", []))
    return rules, starts


def _jumps(value: Any) -> Iterator[str]:
    """Find every chain that an expression may lead to, also through a verdict map."""
    if isinstance(value, list):
        for each in value:
            yield from _jumps(each)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key in {"jump", "goto"} and isinstance(inner, dict) and "target" in inner:
                yield inner["target"]
            else:
                yield from _jumps(inner)


def _map_ports(expressions: Iterable[_Json]) -> tuple[tuple[int, int], ...]:
    """Read the ports of `dnat to tcp dport map { 80 : ... }`, which are its keys."""
    for expression in expressions:
        for value in (expression.get("dnat") or {}).values():
            chosen = value.get("map") if isinstance(value, dict) else None
            if not chosen or _field({"left": chosen.get("key")}) not in _PORT_FIELDS:
                continue
            members = chosen.get("data", {}).get("set")
            if isinstance(members, list):
                return tuple(_port_range(member[0]) for member in members)
    return ()


def _rewrites(expression: _Json) -> bool:
    if _REWRITES & expression.keys():
        return True
    # A target of iptables-nft that nft cannot show as its own.
    foreign = expression.get("xt") or {}
    return foreign.get("name") in {"DNAT", "REDIRECT", "TPROXY"}


def _values(matches: Iterable[_Json], fields: frozenset[tuple[str, str]]) -> list[Any]:
    """Return what a rule compares these fields with; anything but equality is not narrowed by."""
    return [
        value
        for match in matches
        if _field(match) in fields and match.get("op") in {"==", "in"}
        for value in _members(match["right"])
    ]


def _field(match: _Json) -> tuple[str, str] | None:
    left = match.get("left")
    payload = left.get("payload") if isinstance(left, dict) else None
    if not isinstance(payload, dict):
        return None
    return str(payload.get("protocol")), str(payload.get("field"))


def _members(right: Any) -> list[Any]:
    if isinstance(right, dict) and isinstance(right.get("set"), list):
        return [value for member in right["set"] for value in _members(member)]
    return [right]


def _port_range(value: Any) -> tuple[int, int]:
    if isinstance(value, int):
        return value, value
    if isinstance(value, dict) and "range" in value:
        first, last = value["range"]
        return int(first), int(last)
    return _ALL_PORTS  # a named set, or a port by name: not narrowed


def _network(value: Any) -> Network | None:
    try:
        if isinstance(value, dict) and "prefix" in value:
            return ip_network(f"{value['prefix']['addr']}/{value['prefix']['len']}", strict=False)
        return ip_network(value)
    except (TypeError, ValueError):
        return None  # a range or a named set: taken for all addresses
