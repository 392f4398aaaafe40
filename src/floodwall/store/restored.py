"""What a daemon finds on record when it starts: bans that still hold, open incidents, memories.

Law: a ban never lasts longer than it would have without the restart, whatever the clocks say.
"""

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_network

import msgspec

from floodwall.core.address import Network
from floodwall.core.response import Offence
from floodwall.store.bans import Ban
from floodwall.store.incidents import OpenIncident
from floodwall.store.moment import Anchor, Moment, carry_over

_BANS = """
SELECT bans.key, network, rule, who, text, since_ns, since_wall_ns, until_ns,
  boot, seen_ns, seen_wall_ns
FROM bans JOIN runs ON runs.id = bans.run WHERE ended_wall_ns IS NULL ORDER BY bans.id"""
_INCIDENTS = """
SELECT incidents.key, service, name, kind, rule, opened_ns, opened_wall_ns, opened_text, step,
  peak, (SELECT count(*) FROM samples WHERE incident = incidents.id),
  boot, seen_ns, seen_wall_ns
FROM incidents JOIN runs ON runs.id = incidents.run WHERE closed_wall_ns IS NULL"""
# Of a group SQLite gives the row that has its maximum: the last ban of each network.
_OFFENCES = """
SELECT network, count(*), until_ns, boot, seen_ns, seen_wall_ns, max(bans.id)
FROM bans JOIN runs ON runs.id = bans.run
WHERE rule != 'operator' AND bans.ended NOT LIKE 'failed:%'
GROUP BY network ORDER BY max(bans.id) DESC LIMIT 65536"""


@dataclass(frozen=True, slots=True)
class Restored:
    """Everything that goes on from before; times are those of this boot."""

    bans: tuple[Ban, ...] = ()
    expired: tuple[Network, ...] = ()
    """Bans whose time came to its end while no daemon ran."""
    incidents: tuple[OpenIncident, ...] = ()
    memories: Mapping[str, str] = field(default_factory=dict)
    offences: Mapping[Network, Offence] = field(default_factory=dict)
    """How often each network was banned by a rule; the latest ones."""
    why_not: str = ""
    """Why nothing could be read, if so."""


def restore(connection: sqlite3.Connection, now: Anchor) -> Restored:
    """Read what goes on at this moment."""
    bans, expired = [], []
    for ban in _bans(connection, now):
        if ban.until_ns and ban.until_ns <= now.moment.ns:
            expired.append(ban.network)
        else:
            bans.append(ban)
    memories = connection.execute("SELECT name, value FROM memory")
    return Restored(
        bans=tuple(bans),
        expired=tuple(expired),
        incidents=tuple(_incidents(connection, now)),
        memories=dict(memories.fetchall()),
        offences=dict(_offences(connection, now)),
    )


def _bans(connection: sqlite3.Connection, now: Anchor) -> Iterator[Ban]:
    for (
        key,
        network,
        rule,
        who,
        text,
        since_ns,
        since_wall_ns,
        until_ns,
        *last,
    ) in connection.execute(_BANS):
        then = _anchor(*last)
        # One row that cannot be read must not silence the others.
        with contextlib.suppress(ValueError):
            yield Ban(
                key=key,
                network=_network(network),
                rule=rule,
                who=who,
                text=text,
                since=Moment(carry_over(since_ns, then, now), since_wall_ns),
                # 0 is no end, and stays it; one that is over must not become 0.
                until_ns=until_ns and (carry_over(until_ns, then, now) or -1),
            )


def _incidents(connection: sqlite3.Connection, now: Anchor) -> Iterator[OpenIncident]:
    for (
        *(key, service, name, kind, rule, opened_ns, opened_wall_ns, text, step, peak, rows),
        boot,
        seen_ns,
        seen_wall_ns,
    ) in connection.execute(_INCIDENTS):
        then = _anchor(boot, seen_ns, seen_wall_ns)
        yield OpenIncident(
            key=key,
            service=service,
            name=name,
            kind=kind,
            rule=rule,
            opened=Moment(carry_over(opened_ns, then, now), opened_wall_ns),
            text=text,
            step=step,
            rows=rows,
            peak=_peak(peak),
            resumed=False,
        )


def _offences(connection: sqlite3.Connection, now: Anchor) -> Iterator[tuple[Network, Offence]]:
    for network, count, until_ns, *last, _ in connection.execute(_OFFENCES):
        with contextlib.suppress(ValueError):
            yield _network(network), Offence(count, carry_over(until_ns, _anchor(*last), now))


@lru_cache(maxsize=1 << 17)
def _network(text: str) -> Network:
    """Read a network; most are single addresses, and tens of thousands must not take seconds."""
    return ip_network(text)


def _anchor(boot: str, seen_ns: int, seen_wall_ns: int) -> Anchor:
    return Anchor(boot, Moment(seen_ns, seen_wall_ns))


def _peak(text: str) -> dict[str, float]:
    try:
        return msgspec.json.decode(text, type=dict[str, float])
    except msgspec.MsgspecError:
        return {}
