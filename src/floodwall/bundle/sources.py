"""Who is accused, and who is not: the sources that decisions of an incident name.

Law: accused is only a single address that completed handshakes with us and then exceeded a limit
of the operator's.  A SYN proves nothing about the address in it, a half-open entry neither, and a
word is no measurement.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from floodwall.bundle.case import Case
from floodwall.core.address import Address, Network, parse_network
from floodwall.core.decision import Act
from floodwall.core.errors import ConfigError
from floodwall.core.ladder import OPERATOR
from floodwall.store.rows import DecisionRow

WHY: Final = (
    "Accused is only who proved to be real. A SYN can carry any address: whoever is named by SYNs "
    "alone is as likely another victim as an attacker, and reporting it would harm somebody who "
    "did nothing. An address proves itself by completing handshakes with this machine, which needs "
    "the answers that were sent to it. Of those that did, only the ones that then exceeded a limit "
    "of connections are accused."
)

_PROVEN: Final = "limits."
_GUESSED: Final = "recipes."
_CHARGES: Final = frozenset({Act.BAN.value, Act.WOULD_BAN.value})
_NAMED: Final = _CHARGES | {Act.REFUSE.value}
_BITS: Final = {4: 24, 6: 64}
_OWN: Final = tuple(
    ip_network(text)
    for text in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "127.0.0.0/8"),
        *("169.254.0.0/16", "fc00::/7", "fe80::/10", "::1/128"),
    )
)


@dataclass(frozen=True, slots=True)
class Source:
    """A network that decisions name."""

    network: Network
    accused: bool
    why: str
    """What it is accused of, or why it is not."""
    decisions: Sequence[DecisionRow]
    """The oldest first."""

    @property
    def address(self) -> Address:
        """Return the address, of a network its first one."""
        return self.network.network_address

    @property
    def prefix(self) -> str:
        """Return the /24 or the /64 that it belongs to; a wider network is its own."""
        bits = min(_BITS[self.network.version], self.network.prefixlen)
        return str(self.network.supernet(new_prefix=bits))

    @property
    def excess(self) -> float:
        """Return how often its worst measurement has the limit in it."""
        return max((_ratio(row) for row in self.decisions), default=0.0)

    @property
    def banned(self) -> bool:
        """Tell whether it was shut out, in earnest and with success."""
        return any(
            action.command == "Ban" and action.state == "done"
            for row in self.decisions
            for action in row.actions
        )


def sources_of(case: Case) -> list[Source]:
    """Return everybody whom decisions of an incident name: the accused first, worst first."""
    grouped: dict[Network, list[DecisionRow]] = {}
    for row in case.decisions:
        network = _network(row)
        if network is not None and row.act in _NAMED:
            grouped.setdefault(network, []).append(row)
    freed = list(_freed(case.words))
    found = [_source(network, rows, freed) for network, rows in grouped.items()]
    return sorted(found, key=_order)


def by_prefix(sources: Iterable[Source]) -> list[tuple[str, list[Source]]]:
    """Return sources by the network that they belong to, the largest group first."""
    groups: dict[str, list[Source]] = {}
    for source in sources:
        groups.setdefault(source.prefix, []).append(source)
    return sorted(groups.items(), key=lambda item: (-len(item[1]), _order(item[1][0])))


def _source(
    network: Network, rows: list[DecisionRow], freed: Sequence[tuple[Network, int]]
) -> Source:
    proven = [row for row in rows if row.rule.startswith(_PROVEN) and row.act in _CHARGES]
    if not proven:
        return Source(network, accused=False, why=_why_not(rows), decisions=rows)
    if why := _spared(network, proven[-1].id, freed):
        return Source(network, accused=False, why=why, decisions=rows)
    why = f"completed handshakes, and then exceeded {proven[0].rule}"
    return Source(network, accused=True, why=why, decisions=proven)


def _spared(network: Network, last: int, freed: Sequence[tuple[Network, int]]) -> str:
    """Say why a proven source is not accused all the same; nothing if it is."""
    if network.prefixlen < network.max_prefixlen:
        return "a network is not one source"
    if any(number > last and _within(network, other) for other, number in freed):
        return "an operator let it in again"
    if any(_within(network, own) for own in _OWN):
        return "an address of private use: it belongs to your own network, or to none"
    return ""


def _why_not(rows: Sequence[DecisionRow]) -> str:
    rule, acts = rows[-1].rule, {row.act for row in rows}
    if rule.startswith(_PROVEN):
        return "was to be banned and must not be, or a cap was reached: nothing was done"
    if rule.startswith(_GUESSED):
        return "half-open entries were counted: a SYN can be forged, in the name of clients too"
    if rule == OPERATOR:
        return "a word of an operator is no measurement"
    return f"rule {rule} measures nothing that proves a source ({', '.join(sorted(acts))})"


def _freed(words: Iterable[DecisionRow]) -> Iterator[tuple[Network, int]]:
    for row in words:
        network = _network(row)
        if network is not None:
            yield network, row.id


def _network(row: DecisionRow) -> Network | None:
    try:
        return parse_network(row.network) if row.network else None
    except ConfigError:
        return None


def _within(network: Network, other: Network) -> bool:
    if network.version != other.version or network.prefixlen < other.prefixlen:
        return False
    return network.network_address in other


def _ratio(row: DecisionRow) -> float:
    ratios = [0.0]
    for each in row.evidence:
        value, limit = each.get("value"), each.get("limit")
        if isinstance(value, int | float) and isinstance(limit, int | float) and limit > 0:
            ratios.append(value / limit)
    return max(ratios)


def _order(source: Source) -> tuple[bool, float, int, int]:
    network = source.network
    return not source.accused, -source.excess, network.version, int(network.network_address)
