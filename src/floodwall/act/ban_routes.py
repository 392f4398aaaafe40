"""Bans as blackhole routes: no SYN-ACK finds its way, so no half-open entry is made.

Law: the routes stand in a table of our own, and routes of the never-ban set in it lead out again.
A packet still costs nearly as much as without a ban: it goes through the whole stack first.

LIMIT: the kernel lets no blackhole expire, not even an IPv6 one with RTA_EXPIRES.  The metric is
the second of CLOCK_MONOTONIC at which a ban ends, and whoever of us looks next removes it; while
no daemon runs, it stays.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from floodwall.act.ban_backend import Ban
from floodwall.act.ban_xdp import config_lock
from floodwall.core.address import Network
from floodwall.core.model import SECOND_NS, Guard
from floodwall.core.networks import NetworkSet
from floodwall.kernel import blackholes
from floodwall.kernel.blackholes import Fate, NullRoute

_GUARDS: Final = tuple(Guard)
_FIRST_BAN: Final = 16
"""Metrics below are of the never-ban set: for the same network they win."""
_ENDLESS: Final = 0xFFFFFFFF


class RouteBans:
    """The bans of one network namespace in routing table 4987."""

    precision_ns: Final = SECOND_NS
    guards_first: Final = False
    """A ban inside of a never-ban network would be the more specific route."""

    def __init__(self, run: Path) -> None:
        self._run = run
        self._guards: Mapping[Network, Guard] | None = None
        self._metrics: dict[Network, int] | None = None

    def changing(self) -> AbstractContextManager[object]:
        """Keep other writers of bans out."""
        return config_lock(self._run)

    def stored(self, now_ns: int) -> Iterator[Ban]:
        """Return every blackhole of ours; of two to one network the later one."""
        del now_ns
        return (Ban(network, _expiry(metric)) for network, metric in self._read().items())

    def put(self, bans: Mapping[Network, int], now_ns: int) -> None:
        """Add routes, then remove older ones to the same networks."""
        del now_ns
        known = self._read() if self._metrics is None else self._metrics
        wanted = {network: _metric(until_ns) for network, until_ns in bans.items()}
        blackholes.add(_blackhole(*each) for each in wanted.items())
        older = {net: known[net] for net in wanted if net in known and known[net] != wanted[net]}
        blackholes.remove(_blackhole(*each) for each in older.items())
        known.update(wanted)

    def remove(self, networks: Iterable[Network]) -> None:
        """Remove routes."""
        known = self._read() if self._metrics is None else self._metrics
        gone = {network: known.pop(network) for network in networks if network in known}
        blackholes.remove(_blackhole(*each) for each in gone.items())

    def sweep(self, now_ns: int) -> int:
        """Remove routes whose time is over."""
        expired = [ban.network for ban in self.stored(now_ns) if not ban.holds(now_ns)]
        self.remove(expired)
        return len(expired)

    def guards(self) -> dict[Network, Guard]:
        """Return the never-ban set as routes that lead out of the table."""
        routes = (route for route in blackholes.null_routes() if route.fate is Fate.THROW)
        return {route.network: _guard(route.metric) for route in routes}

    def allow(self, network: Network) -> None:
        """Lead one network out of the table, and remove bans inside of it."""
        with self.changing():
            self.remove([ban for ban in self._read() if _inside(ban, network)])
            blackholes.add([_throw(network, Guard.OPERATOR)])

    def disallow(self, network: Network) -> None:
        """Take one network out of the never-ban set."""
        with self.changing():
            blackholes.remove([_throw(network, Guard.OPERATOR)])

    def set_guards(self, guards: Mapping[Network, Guard]) -> None:
        """Lead exactly these out of the table: new ones first, then the old ones go."""
        self._guards = dict(guards)
        self._set_guards(self.guards())

    def repair(self, now_ns: int) -> list[str]:
        """Make rules and never-ban routes again where they are not as they should be."""
        del now_ns
        told: list[str] = []
        for version in sorted(blackholes.versions() - blackholes.rules()):
            blackholes.add_rule(version)
            told.append(f"made the rule of IPv{version} to table {blackholes.TABLE} again")
        if self._guards is None:
            return []
        found = self.guards()
        if found != self._guards:
            self._set_guards(found)
            told.append(f"made the never-ban routes of table {blackholes.TABLE} again")
        return told

    def untouched(self) -> bool:
        """Routes do not tell who changed them."""
        return False

    def destroy(self) -> bool:
        """Remove every route and rule of ours; return whether there were any."""
        routes, rules = blackholes.null_routes(), blackholes.rules()
        for version in rules:
            blackholes.remove_rule(version)
        blackholes.remove(routes)
        self._metrics = self._guards = None
        return bool(routes or rules)

    def is_there(self) -> bool:
        """Tell whether packets are led into a table of ours."""
        return bool(blackholes.rules())

    def close(self) -> None:
        """Nothing is kept open."""

    def _set_guards(self, found: Mapping[Network, Guard]) -> None:
        wanted = self._guards or {}
        blackholes.add(_throw(*each) for each in wanted.items() if each not in found.items())
        blackholes.remove(_throw(*each) for each in found.items() if each not in wanted.items())

    def _read(self) -> dict[Network, int]:
        """List our blackholes; of two to one network the earlier one is removed."""
        found: dict[Network, int] = {}
        doubled: list[NullRoute] = []
        for route in sorted(blackholes.null_routes(), key=lambda each: each.metric):
            if route.fate is Fate.BLACKHOLE:
                if route.network in found:
                    doubled.append(_blackhole(route.network, found[route.network]))
                found[route.network] = route.metric
        # Left by somebody who died between adding the one and removing the other.
        blackholes.remove(doubled)
        self._metrics = found
        return found


def _metric(until_ns: int) -> int:
    """Return the second in which a ban ends, as a metric; no end is the largest one."""
    if not until_ns:
        return _ENDLESS
    return max(_FIRST_BAN, min(-(-until_ns // SECOND_NS), _ENDLESS - 1))


def _expiry(metric: int) -> int:
    return 0 if metric == _ENDLESS else metric * SECOND_NS


def _blackhole(network: Network, metric: int) -> NullRoute:
    return NullRoute(network, Fate.BLACKHOLE, metric)


def _throw(network: Network, guard: Guard) -> NullRoute:
    return NullRoute(network, Fate.THROW, 1 + _GUARDS.index(guard))


def _guard(metric: int) -> Guard:
    return _GUARDS[metric - 1] if 0 < metric <= len(_GUARDS) else Guard.OPERATOR


def _inside(inner: Network, outer: Network) -> bool:
    """Tell whether all of one network lies in another."""
    return NetworkSet([outer]).covering(inner) is not None
