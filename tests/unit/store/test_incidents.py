"""Incidents that are open."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from floodwall.core.decision import Act
from floodwall.store import incidents
from floodwall.store.database import execute, open_record
from floodwall.store.incidents import OpenIncident
from tests.support.records import decision, moment


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """Open an empty record."""
    opened = open_record(tmp_path / "record.db", 1 << 22).connection
    yield opened
    opened.close()


def begun(connection: sqlite3.Connection, key: str = "a.1") -> OpenIncident:
    """Open an incident at the beginning."""
    made = decision(Act.OPEN_INCIDENT, "*:80 nginx: a SYN flood", service=0)
    incident = incidents.opened(key, moment(), made, "*:80 nginx", "spoofed_flood")
    execute(connection, 1, [incidents.begin(incident)])
    return incident


def test_a_series_is_kept_second_by_second(connection: sqlite3.Connection) -> None:
    """With what its seconds said, and the largest value of each fact."""
    incident = begun(connection)
    for second, syns in enumerate((5, 900, 20)):
        written = incidents.sample(incident, moment(second), {"syns": syns}, 100)
        execute(connection, 1, written)
    found = connection.execute("SELECT tick, facts FROM samples ORDER BY tick").fetchall()

    assert [(tick, json.loads(text)) for tick, text in found] == [
        (0, {"syns": 5}),
        (1, {"syns": 900}),
        (2, {"syns": 20}),
    ]
    assert incident.peak == {"syns": 900}


def test_seconds_before_it_are_no_peak_of_it(connection: sqlite3.Connection) -> None:
    """They have negative ticks."""
    incident = begun(connection)
    execute(connection, 1, incidents.sample(incident, moment(-3), {"syns": 7}, 100, lead=True))

    assert connection.execute("SELECT tick FROM samples").fetchall() == [(-3,)]
    assert incident.peak == {}


def test_a_long_incident_is_kept_whole_with_coarser_steps(connection: sqlite3.Connection) -> None:
    """A day of it in a hundred rows, from its first second to its last."""
    incident = begun(connection)
    largest = 0
    for second in range(10_000):
        written = incidents.sample(incident, moment(second), {"syns": second}, 100)
        if written:
            execute(connection, 1, written)
            (count,) = connection.execute("SELECT count(*) FROM samples").fetchone()
            largest = max(largest, count)
    ticks = [tick for (tick,) in connection.execute("SELECT tick FROM samples ORDER BY tick")]

    assert largest <= 101
    assert incident.step == 128
    assert ticks == list(range(0, 10_000, 128))
    assert connection.execute("SELECT step FROM incidents").fetchone() == (128,)
    assert incident.peak == {"syns": 9999}


def test_an_incident_ends_once(connection: sqlite3.Connection) -> None:
    """With how long it lasted by the clock that nobody sets."""
    incident = begun(connection)
    execute(connection, 1, incidents.close(incident, moment(90, wall_jump_s=-3600), "is over"))
    execute(connection, 1, incidents.close(incident, moment(500), "is over again"))

    (found,) = connection.execute("SELECT lasted_ns, closed_text FROM incidents").fetchall()
    assert found == (90_000_000_000, "is over")


def test_the_record_agrees_with_what_goes_on(connection: sqlite3.Connection) -> None:
    """What it missed is opened, what is over is closed, what goes on belongs to this run."""
    gone, stays = begun(connection, "a.1"), begun(connection, "a.2")
    made = decision(Act.OPEN_INCIDENT)
    missed = incidents.opened("a.3", moment(5), made, "this machine", "syn_scan")
    execute(connection, 2, incidents.agree(moment(9), [stays, missed]))

    found = connection.execute(
        "SELECT key, run, closed_wall_ns IS NULL FROM incidents ORDER BY key"
    ).fetchall()
    assert found == [("a.1", 1, 0), ("a.2", 2, 1), ("a.3", 2, 1)]
    execute(connection, 2, incidents.agree(moment(10), []))
    assert connection.execute(
        "SELECT count(*) FROM incidents WHERE closed_wall_ns IS NULL"
    ).fetchone() == (0,)
    assert gone.key == "a.1"
