"""What is forgotten."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from floodwall.core.decision import Act
from floodwall.store import bans, incidents, statements
from floodwall.store.database import execute, open_record
from floodwall.store.incidents import OpenIncident
from floodwall.store.moment import Moment
from floodwall.store.retention import (
    DAY_NS,
    FULL_SHARE,
    GOAL_SHARE,
    forget_by_age,
    forget_by_size,
    give_back,
    used_bytes,
)
from floodwall.store.statements import About
from tests.support.records import WALL_NS, decision, moment, network

MAX_BYTES = 4 << 20
COUNT = "SELECT count(*) FROM {}"
TABLES = ("samples", "events", "verdicts", "actions", "decisions", "bans", "incidents")


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open an empty record."""
    opened = open_record(tmp_path / "record.db", MAX_BYTES).connection
    yield opened
    opened.close()


def fill(connection: sqlite3.Connection, at: Moment, count: int, run: int = 1) -> None:
    """Write events, decisions, actions, bans and an incident with a series."""
    written: list[Any] = []
    kept = incidents.opened(f"i{run}", at, decision(Act.OPEN_INCIDENT), "*:80", "syn_scan")
    written.append(incidents.begin(kept))
    for number in range(count):
        key = f"{run}.{number}"
        made = decision(Act.BAN, network=network(number), until_ns=at.ns + 10**15)
        written += [
            statements.event(at, "note", "x" * 200),
            statements.decision(at, key, made, About()),
            statements.action(at, key, "Ban", "x", {}),
            *bans.put(bans.ban_of(key, at, network(number), made.until_ns, made)),
            *incidents.sample(kept, Moment(at.ns + number * 10**9, at.wall_ns), {"a": 1}, 10**6),
        ]
    execute(connection, run, written)
    if run == 1:
        execute(connection, run, incidents.close(kept, at, "over"))


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    """Return how many rows each table has."""
    return {
        table: connection.execute(COUNT.format(table)).fetchone()[0]  # table names are ours
        for table in TABLES
    }


def test_a_small_record_forgets_nothing(connection: sqlite3.Connection) -> None:
    """Whatever it is of."""
    fill(connection, moment(), 50)

    assert forget_by_size(connection, MAX_BYTES) == 0


def test_a_full_record_forgets_what_says_least(connection: sqlite3.Connection) -> None:
    """And never what holds: bans in force with their decisions, incidents that are open."""
    fill(connection, moment(), 1500)
    fill(connection, moment(1), 1, run=2)
    full = int(used_bytes(connection) / FULL_SHARE) - 4096
    gone = forget_by_size(connection, full)

    assert gone > 1000
    assert used_bytes(connection) <= GOAL_SHARE * full
    left = counts(connection)
    assert left["samples"] == 1
    assert left["bans"] == 1501
    assert left["decisions"] == 1501
    assert left["incidents"] == 2


def test_what_holds_stays_even_if_it_is_too_much(connection: sqlite3.Connection) -> None:
    """There is an end to forgetting."""
    fill(connection, moment(), 600)
    forget_by_size(connection, 4096)
    left = counts(connection)

    assert left["bans"] == left["decisions"] == 600
    assert left["events"] == left["actions"] == left["samples"] == left["incidents"] == 0


def test_ended_bans_go_when_room_is_needed(connection: sqlite3.Connection) -> None:
    """With their decisions."""
    fill(connection, moment(), 600)
    execute(connection, 1, bans.agree(moment(1), []))
    forget_by_size(connection, 4096)

    assert sum(counts(connection).values()) == 0


def test_old_rows_go_by_age(connection: sqlite3.Connection) -> None:
    """What is younger stays, and so does what holds."""
    fill(connection, moment(), 5)
    fill(connection, moment(100 * 86400), 3, run=2)
    forget_by_age(connection, 2, moment(101 * 86400), 90 * DAY_NS)
    left = counts(connection)

    assert left["events"] == left["actions"] == 3
    assert left["bans"] == 8
    assert left["decisions"] == 5
    assert left["incidents"] == 1


def test_rows_of_a_clock_that_was_ahead_go_too(connection: sqlite3.Connection) -> None:
    """They would never grow old; those of this run stay: its clock may be set again."""
    ahead = Moment(moment().ns, WALL_NS + 3000 * DAY_NS)
    fill(connection, ahead, 5)
    fill(connection, ahead, 4, run=2)
    forget_by_age(connection, 2, moment(5), 90 * DAY_NS)

    assert counts(connection)["events"] == 4


def test_room_is_given_back_to_the_disk(connection: sqlite3.Connection) -> None:
    """So that a record that was large once is not so for ever."""
    fill(connection, moment(), 1500)
    execute(connection, 1, bans.agree(moment(1), []))
    forget_by_size(connection, 4096)
    before = connection.execute("PRAGMA page_count").fetchone()[0]
    give_back(connection)

    assert connection.execute("PRAGMA page_count").fetchone()[0] < before / 10


def test_an_open_incident_is_not_forgotten_by_its_samples(connection: sqlite3.Connection) -> None:
    """Its series is bounded by its steps."""
    kept = OpenIncident("k", 0, "*:80", "syn_scan", "r", moment(), "t")
    execute(connection, 1, [incidents.begin(kept)])
    for second in range(5):
        execute(connection, 1, incidents.sample(kept, moment(second), {"a": 1}, 100))
    forget_by_size(connection, 4096)

    assert counts(connection)["samples"] == 5
