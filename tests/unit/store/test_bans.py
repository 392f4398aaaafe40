"""Bans on record."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from floodwall.core.decision import Act
from floodwall.store import bans
from floodwall.store.bans import Ban
from floodwall.store.database import execute, open_record
from tests.support.records import BEGAN_NS, HOUR_NS, decision, moment, network

LATER_NS = BEGAN_NS + HOUR_NS


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open an empty record."""
    opened = open_record(tmp_path / "record.db", 1 << 26).connection
    yield opened
    opened.close()


def ban(number: int, until_ns: int = LATER_NS, key: str = "") -> Ban:
    """Return the ban of a network."""
    made = decision(Act.BAN, network=network(number))
    return bans.ban_of(key or f"k{number}", moment(), network(number), until_ns, made)


def holding(connection: sqlite3.Connection) -> list[str]:
    """Return the keys of the bans in force."""
    sql = "SELECT key FROM bans WHERE ended_wall_ns IS NULL ORDER BY key"
    return [key for (key,) in connection.execute(sql)]


def ends(connection: sqlite3.Connection) -> dict[str, str]:
    """Return how each ban has ended."""
    return dict(connection.execute("SELECT key, ended FROM bans WHERE ended_wall_ns NOT NULL"))


def test_a_newer_ban_takes_the_place_of_an_older_one(connection: sqlite3.Connection) -> None:
    """One in force for each network."""
    execute(connection, 1, bans.put(ban(1)))
    execute(connection, 1, bans.put(ban(1, key="newer")))

    assert holding(connection) == ["newer"]
    assert ends(connection) == {"k1": "replaced by a newer ban"}


def test_bans_end_by_time_or_by_hand(connection: sqlite3.Connection) -> None:
    """One without an end does not expire."""
    execute(connection, 1, bans.put(ban(1), ban(2, BEGAN_NS + 5), ban(3, until_ns=0), ban(4)))
    execute(connection, 1, [bans.expire(moment(1)), bans.end(moment(1), network(4), "lifted")])

    assert holding(connection) == ["k1", "k3"]
    assert ends(connection) == {"k2": "expired", "k4": "lifted"}


def test_the_record_agrees_with_what_holds(connection: sqlite3.Connection) -> None:
    """Missed bans are added, missed ends too; one that was thought to have ended holds again."""
    execute(connection, 1, bans.put(ban(1), ban(2), ban(3)))
    execute(connection, 1, [bans.end(moment(1), network(3), "failed: a mistake")])
    execute(connection, 2, bans.agree(moment(2), [ban(2), ban(3), ban(4)]))

    assert holding(connection) == ["k2", "k3", "k4"]
    assert ends(connection) == {"k1": "ended while the record could not be written"}
    assert connection.execute("SELECT DISTINCT run FROM bans WHERE ended = ''").fetchall() == [(2,)]
    execute(connection, 2, bans.agree(moment(3), []))
    assert holding(connection) == []


@pytest.mark.slow
def test_tens_of_thousands_agree_in_a_moment(connection: sqlite3.Connection) -> None:
    """A restart with a full ban list does not hold up anything."""
    many = [ban(number) for number in range(20_000)]
    execute(connection, 1, bans.agree(moment(), many))

    assert connection.execute("SELECT count(*) FROM bans").fetchone() == (20_000,)


def test_it_knows_what_puts_it_into_force_again() -> None:
    """The decision of before, at the present time."""
    made = ban(1).decision(BEGAN_NS + 7)

    assert (made.at_ns, made.act, made.until_ns) == (BEGAN_NS + 7, Act.BAN, LATER_NS)
    assert made.undone_by == f"floodwall unban {network(1)}"
