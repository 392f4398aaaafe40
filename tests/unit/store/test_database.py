"""The file of the record."""

import sqlite3
import stat
from pathlib import Path

import pytest

from floodwall.store.database import _quoted, execute, identity, open_record, read_only, set_aside
from floodwall.store.schema import APPLICATION_ID, MIGRATIONS
from floodwall.store.statements import Statement

MAX_BYTES = 1 << 20


def fresh(path: Path) -> sqlite3.Connection:
    """Open a record; it is the test's business to close it."""
    return open_record(path, MAX_BYTES).connection


def test_a_new_record_is_nobody_elses(tmp_path: Path) -> None:
    """Neither the file nor its directory can be read by others."""
    path = tmp_path / "deep" / "er" / "record.db"
    fresh(path).close()

    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_it_survives_the_process_and_not_for_the_price_of_a_sync(tmp_path: Path) -> None:
    """WAL, without a sync a second."""
    connection = fresh(tmp_path / "record.db")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (1,)
    assert connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    connection.close()


def test_an_older_record_is_brought_to_this_version(tmp_path: Path) -> None:
    """Each step once, in order, and what was in it stays."""
    path = tmp_path / "record.db"
    open_record(path, MAX_BYTES, ("CREATE TABLE a (x);\n",)).connection.close()
    with sqlite3.connect(path) as before:
        before.execute("INSERT INTO a VALUES (7)")
    before.close()
    steps = ("no SQL at all;\n", "ALTER TABLE a ADD COLUMN y DEFAULT 8;\n")
    opened = open_record(path, MAX_BYTES, steps)

    assert opened.connection.execute("SELECT x, y FROM a").fetchall() == [(7, 8)]
    assert opened.notes == ()
    opened.connection.close()


def test_a_step_that_fails_changes_nothing(tmp_path: Path) -> None:
    """The record stays at the version that it was."""
    path = tmp_path / "record.db"
    first = "CREATE TABLE a (x);\n"
    open_record(path, MAX_BYTES, (first,)).connection.close()
    with pytest.raises(sqlite3.OperationalError):
        open_record(path, MAX_BYTES, (first, "CREATE TABLE b (y);\nno SQL at all;\n"))
    opened = open_record(path, MAX_BYTES, (first,))

    names = opened.connection.execute("SELECT name FROM sqlite_master").fetchall()
    assert names == [("a",)]
    opened.connection.close()


def test_a_record_of_a_newer_version_is_kept_and_left_alone(tmp_path: Path) -> None:
    """After a downgrade a new one is begun, and the operator is told."""
    path = tmp_path / "record.db"
    open_record(path, MAX_BYTES, (*MIGRATIONS, "CREATE TABLE later (x);\n")).connection.close()
    opened = open_record(path, MAX_BYTES)

    assert "a newer Floodwall made it" in opened.notes[0]
    assert (tmp_path / "record.db.damaged").exists()
    assert opened.connection.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    opened.connection.close()


def test_a_database_of_somebody_else_is_set_aside(tmp_path: Path) -> None:
    """It is whole, so it is not written to."""
    path = tmp_path / "record.db"
    with sqlite3.connect(path) as foreign:
        foreign.execute("CREATE TABLE theirs (x)")
    foreign.close()
    opened = open_record(path, MAX_BYTES)
    opened.connection.close()

    assert "not a record of Floodwall" in opened.notes[0]
    with sqlite3.connect(tmp_path / "record.db.damaged") as aside:
        assert aside.execute("SELECT count(*) FROM theirs").fetchone() == (0,)
    aside.close()


@pytest.mark.parametrize("place", [0, 20])
def test_a_damaged_record_is_set_aside(tmp_path: Path, place: int) -> None:
    """Found as soon as it is opened; a new one is begun and can be written."""
    path = tmp_path / "record.db"
    connection = fresh(path)
    written = [("INSERT INTO memory VALUES (:name, 1, 1, 'x')", {"name": str(n)}) for n in range(9)]
    execute(connection, 1, written)
    connection.close()
    with path.open("r+b") as file:
        file.seek(place)
        file.write(b"\xa5" * 4000)
    opened = open_record(path, MAX_BYTES)

    assert "set aside as record.db.damaged" in opened.notes[0]
    execute(opened.connection, 1, written)
    assert opened.connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    opened.connection.close()


def test_one_damaged_record_is_kept_not_many(tmp_path: Path) -> None:
    """A disk that damages every file must not be filled by it."""
    path = tmp_path / "record.db"
    for _ in range(3):
        path.write_bytes(b"no database" * 1000)
        open_record(path, MAX_BYTES).connection.close()

    assert sorted(p.name for p in tmp_path.iterdir() if "damaged" in p.name) == [
        "record.db.damaged"
    ]


def test_a_transaction_is_whole_or_not_at_all(tmp_path: Path) -> None:
    """One statement that fails takes the others back."""
    connection = fresh(tmp_path / "record.db")
    good: Statement = ("INSERT INTO memory VALUES ('a', :run, 1, 'x')", {})
    with pytest.raises(sqlite3.OperationalError):
        execute(connection, 1, [good, ("INSERT INTO nowhere VALUES (1)", {})])

    assert connection.execute("SELECT count(*) FROM memory").fetchone() == (0,)
    assert not connection.in_transaction
    execute(connection, 1, [good, ("UPDATE memory SET run = :n", [{"n": 2}, {"n": 3}])])
    assert connection.execute("SELECT run FROM memory").fetchone() == (3,)
    connection.close()


def test_it_cannot_grow_beyond_its_size(tmp_path: Path) -> None:
    """SQLite itself sees to it."""
    connection = fresh(tmp_path / "record.db")
    large = [{"name": str(number), "value": "x" * 50_000} for number in range(100)]
    with pytest.raises(sqlite3.OperationalError, match="full"):
        execute(connection, 1, [("INSERT INTO memory VALUES (:name, 1, 1, :value)", large)])
    connection.close()
    assert (tmp_path / "record.db").stat().st_size <= MAX_BYTES


def test_a_reader_changes_nothing(tmp_path: Path) -> None:
    """Also while it is written, and also without a writer."""
    path = tmp_path / "record.db"
    connection = fresh(path)
    reader = read_only(path)
    execute(connection, 1, [("INSERT INTO memory VALUES ('a', 1, 1, 'x')", {})])

    assert reader.execute("SELECT count(*) FROM memory").fetchone()[0] == 1
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        reader.execute("DELETE FROM memory")
    reader.close()
    connection.close()


def test_a_record_on_a_disk_that_takes_nothing_is_read(tmp_path: Path) -> None:
    """A copy in a place where no log can be made."""
    path = tmp_path / "odd %3f?#name.db"
    fresh(path).close()
    reader = sqlite3.connect(f"file:{_quoted(path)}?immutable=1", uri=True)

    assert reader.execute("SELECT count(*) FROM runs").fetchone() == (0,)
    reader.close()


def test_files_are_told_apart(tmp_path: Path) -> None:
    """Another file of the same name is another file."""
    path = tmp_path / "record.db"
    assert identity(path) == (0, 0)
    path.touch()
    first = identity(path)
    set_aside(path)
    path.touch()
    assert identity(path) != first
