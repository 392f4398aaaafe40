"""Looks into the record: incidents, decisions, bans, events.  Needs no daemon, changes nothing."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Any, Self

import msgspec

from floodwall.core.address import Address, Network, pack
from floodwall.core.errors import ConfigError
from floodwall.core.model import SECOND_NS
from floodwall.store.database import read_only
from floodwall.store.moment import Anchor, Moment, carry_over, iso
from floodwall.store.rows import (
    ActionRow,
    BanRow,
    DecisionRow,
    EventRow,
    IncidentRow,
    SampleRow,
    VerdictRow,
)
from floodwall.store.schema import MIGRATIONS

_INCIDENT = """
SELECT incidents.*, boot, seen_ns, seen_wall_ns
FROM incidents JOIN runs ON runs.id = incidents.run"""
_VERDICT = "SELECT * FROM verdicts"
_DECISION = "SELECT * FROM decisions"
_FREED = "rule = 'operator' AND act IN ('lift', 'allow') AND network IS NOT NULL"
_EVENT = "SELECT * FROM events"
_BAN = """
SELECT bans.*, boot, seen_ns, seen_wall_ns FROM bans JOIN runs ON runs.id = bans.run"""
_ACTIONS = """
SELECT actions.*, undo.at_wall_ns AS undone_wall_ns
FROM actions LEFT JOIN actions AS undo ON undo.id = actions.undone_by
WHERE actions.decision = ? ORDER BY actions.id"""


_NETWORKS = (IPv4Network, IPv6Network)


class History:
    """An open record; `now` is what spans of time are counted to."""

    def __init__(self, connection: sqlite3.Connection, now: Anchor) -> None:
        self._connection = connection
        self._now = now

    @classmethod
    @contextmanager
    def of(cls, path: Path, now: Anchor) -> Iterator[Self]:
        """Open a record for a while, or raise ConfigError with the reason why not."""
        if not path.exists():
            raise ConfigError(
                f"nothing is on record: there is no {path}",
                hint="'floodwall run' keeps the record; --record names another one",
            )
        try:
            connection = read_only(path)
        except (sqlite3.Error, OSError) as error:
            raise _unreadable(path, error) from error
        try:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != len(MIGRATIONS):
                raise ConfigError(
                    f"{path} has version {version} of the record, this program reads"
                    f" {len(MIGRATIONS)}",
                    hint="read it with the version of Floodwall that writes it",
                )
            yield cls(connection, now)
        except sqlite3.Error as error:
            raise _unreadable(path, error) from error
        finally:
            connection.close()

    def incidents(self, limit: int = 100, name_ends: str = "") -> list[IncidentRow]:
        """Return the newest incidents, newest first; of one port if `name_ends` is like `:80`."""
        where, values = _at(name_ends)
        rows = self._all(f"{_INCIDENT} WHERE {where} ORDER BY id DESC LIMIT ?", *values, limit)
        return [self._incident(row) for row in rows]

    def incident(self, number: int) -> IncidentRow | None:
        """Return one incident."""
        rows = self._all(f"{_INCIDENT} WHERE incidents.id = ?", number)
        return self._incident(rows[0]) if rows else None

    def series(self, number: int) -> list[SampleRow]:
        """Return the series of an incident, second by second."""
        rows = self._all("SELECT * FROM samples WHERE incident = ? ORDER BY tick", number)
        return [SampleRow(r["tick"], iso(r["at_wall_ns"]), _decoded(r["facts"])) for r in rows]

    def verdicts(
        self, *, incident: int | None = None, name_ends: str = "", limit: int = 100
    ) -> list[VerdictRow]:
        """Return the newest verdicts of an incident, or of the services of a port."""
        if incident is not None:
            where, values = "incident = ?", [incident]
        else:
            where, values = _at(name_ends)
        sql = f"{_VERDICT} WHERE {where} ORDER BY id DESC LIMIT ?"
        return [_verdict(row) for row in self._all(sql, *values, limit)]

    def decisions(
        self,
        *,
        incident: int | None = None,
        network: Network | Address | None = None,
        name_ends: str = "",
        limit: int = 100,
    ) -> list[DecisionRow]:
        """Return the newest decisions about an incident, a network or a port, with actions."""
        values: list[Any]
        if incident is not None:
            where, values = "incident = ?", [incident]
        elif network is not None:
            where, values = "first <= ? AND last >= ?", _overlap(network)
        else:
            where, values = _at(name_ends)
        sql = f"{_DECISION} WHERE {where} ORDER BY id DESC LIMIT ?"
        return [self._decision(row) for row in self._all(sql, *values, limit)]

    def words(self, after: int, limit: int = 100) -> list[DecisionRow]:
        """Return the newest words of operators that freed a network, behind a decision."""
        sql = f"{_DECISION} WHERE id > ? AND {_FREED} ORDER BY id DESC LIMIT ?"
        return [self._decision(row) for row in self._all(sql, after, limit)]

    def decision(self, number: int) -> DecisionRow | None:
        """Return one decision."""
        rows = self._all(f"{_DECISION} WHERE id = ?", number)
        return self._decision(rows[0]) if rows else None

    def bans(self, network: Network | Address, limit: int = 20) -> list[BanRow]:
        """Return bans that touch a network: those in force first, then the newest."""
        sql = (
            f"{_BAN} WHERE first <= ? AND last >= ?"
            " ORDER BY ended_wall_ns IS NOT NULL, bans.id DESC LIMIT ?"
        )
        return [self._ban(row) for row in self._all(sql, *_overlap(network), limit)]

    def events(self, after: int = 0, limit: int = 1000) -> list[EventRow]:
        """Return the events behind a number, oldest first."""
        sql = f"{_EVENT} WHERE id > ? ORDER BY id LIMIT ?"
        return [_event(row) for row in self._all(sql, after, limit)]

    def last_events(self, count: int, incident: int | None = None) -> list[EventRow]:
        """Return the newest events, oldest first; of one incident if it is given."""
        where = "1" if incident is None else "incident = ?"
        values = [] if incident is None else [incident]
        sql = f"{_EVENT} WHERE {where} ORDER BY id DESC LIMIT ?"
        return [_event(row) for row in reversed(self._all(sql, *values, count))]

    def _all(self, sql: str, *values: object) -> Sequence[sqlite3.Row]:
        return self._connection.execute(sql, values).fetchall()

    def _ban(self, row: sqlite3.Row) -> BanRow:
        ended, until_ns = row["ended_wall_ns"], row["until_ns"]
        holds = ended is None
        left_ns = carry_over(until_ns, _last(row), self._now) - self._now.moment.ns
        if holds and until_ns and left_ns <= 0:
            holds, ended = False, self._now.moment.wall_ns + left_ns
        return BanRow(
            network=row["network"],
            rule=row["rule"],
            who=row["who"],
            text=row["text"],
            since=iso(row["since_wall_ns"]),
            until=iso(row["until_wall_ns"]) if until_ns else None,
            left_s=left_ns / SECOND_NS if holds and until_ns else None,
            ended=None if holds else iso(ended),
            how=row["ended"] or ("" if holds else "expired"),
            decision=row["decision"],
        )

    def _incident(self, row: sqlite3.Row) -> IncidentRow:
        lasted_ns = row["lasted_ns"]
        if row["closed_wall_ns"] is None:
            lasted_ns = self._now.moment.ns - carry_over(row["opened_ns"], _last(row), self._now)
        return IncidentRow(
            id=row["id"],
            service=row["name"],
            kind=row["kind"],
            rule=row["rule"],
            opened=iso(row["opened_wall_ns"]),
            opened_text=row["opened_text"],
            closed=None if row["closed_wall_ns"] is None else iso(row["closed_wall_ns"]),
            closed_text=row["closed_text"],
            lasted_s=None if lasted_ns is None else max(0, lasted_ns) / SECOND_NS,
            step_s=row["step"],
            peak=_decoded(row["peak"]),
        )

    def _decision(self, row: sqlite3.Row) -> DecisionRow:
        return DecisionRow(
            id=row["id"],
            at=iso(row["at_wall_ns"]),
            act=row["act"],
            rule=row["rule"],
            subject=row["subject"],
            text=row["text"],
            service=row["name"],
            network=row["network"],
            until=iso(row["until_wall_ns"]) if row["until_ns"] else None,
            undone_by=row["undone_by"],
            who=row["who"],
            evidence=_decoded(row["evidence"]) or [],
            incident=row["incident"],
            actions=[_action(each) for each in self._all(_ACTIONS, row["id"])],
        )


def _at(name_ends: str) -> tuple[str, list[Any]]:
    """Match services by the end of their endpoint: `*:80 nginx` and `*:80` end in `:80`."""
    if not name_ends:
        return "1", []
    return "(name LIKE ? OR name LIKE ?)", [f"%{name_ends}", f"%{name_ends} %"]


def _overlap(network: Network | Address) -> list[Any]:
    """Return the last and the first address: touching is `first <= last` and `last >= first`."""
    first, last = (
        (network[0], network[-1]) if isinstance(network, _NETWORKS) else (network, network)
    )
    return [pack(last), pack(first)]


def _last(row: sqlite3.Row) -> Anchor:
    return Anchor(row["boot"], Moment(row["seen_ns"], row["seen_wall_ns"]))


def _verdict(row: sqlite3.Row) -> VerdictRow:
    index = (row["spoof_index"], row["spoof_low"], row["spoof_high"])
    return VerdictRow(
        at=iso(row["at_wall_ns"]),
        service=row["name"],
        kind=row["kind"],
        confidence=row["confidence"],
        spoof_index=None if index[0] is None else index,
        advice=row["advice"],
        evidence=_decoded(row["evidence"]) or [],
        rates=_decoded(row["rates"]),
    )


def _action(row: sqlite3.Row) -> ActionRow:
    return ActionRow(
        at=iso(row["at_wall_ns"]),
        command=row["command"],
        subject=row["subject"],
        details=_decoded(row["details"]),
        state=row["state"],
        result=row["result"],
        undone=None if row["undone_wall_ns"] is None else iso(row["undone_wall_ns"]),
    )


def _event(row: sqlite3.Row) -> EventRow:
    return EventRow(
        id=row["id"],
        at=iso(row["at_wall_ns"]),
        kind=row["kind"],
        text=row["text"],
        service=row["name"],
        network=row["network"],
        incident=row["incident"],
    )


def _decoded(text: str) -> Any:
    """Decode a column; one that is damaged hides no other."""
    try:
        return msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return {}


def _unreadable(path: Path, error: Exception) -> ConfigError:
    return ConfigError(
        f"cannot read the record {path}: {error}",
        hint="it belongs to root; a damaged one is set aside when the daemon writes to it next",
    )
