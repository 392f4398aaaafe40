"""The record as its writer holds it."""

import sqlite3
from pathlib import Path

import pytest

from floodwall.store import recordfile as module
from floodwall.store.database import PAGE_BYTES, read_only
from floodwall.store.moment import Moment
from floodwall.store.recordfile import RecordFile, UnusableError
from floodwall.store.retention import DAY_NS, Bounds
from floodwall.store.statements import Statement, event, remember
from tests.support.records import life, moment, rows

BOUNDS = Bounds(4 << 20, 90 * DAY_NS)
SQL = "SELECT name FROM memory ORDER BY name"


def file_of(directory: Path, bounds: Bounds = BOUNDS, name: str = "first") -> RecordFile:
    """Return a file that is not open yet."""
    return RecordFile(directory / "record.db", bounds, life(name))


def kept(name: str) -> list[Statement]:
    """Return what keeps a name."""
    return [remember(moment(), name, "x")]


def test_a_run_has_one_number(tmp_path: Path) -> None:
    """However often its file is opened."""
    file = file_of(tmp_path)
    for name in ("a", "b"):
        file.open()
        file.write(kept(name))
        file.close()
    file.release()

    assert rows(tmp_path, "SELECT token, boot, pid FROM runs") == [("first", "boot", 4711)]
    assert rows(tmp_path, "SELECT DISTINCT run FROM memory") == [(1,)]


def test_there_is_one_writer(tmp_path: Path) -> None:
    """A second one is told so, and may write when the first has let go."""
    first, second = file_of(tmp_path), file_of(tmp_path, name="second")
    first.open()
    with pytest.raises(UnusableError, match="another process writes to it"):
        second.open()
    first.close()
    with pytest.raises(UnusableError, match="another process writes to it"):
        second.open()
    first.release()
    second.open()
    second.release()


def test_a_file_that_was_taken_away_is_begun_anew(tmp_path: Path) -> None:
    """Nothing is written into a file that has no name any more."""
    file = file_of(tmp_path)
    file.open()
    assert file.take_change()
    assert not file.take_change()
    file.write(kept("a"))
    for path in tmp_path.glob("record.db*"):
        path.unlink()
    file.open()
    assert file.take_change()
    file.write(kept("b"))
    file.release()

    assert rows(tmp_path, SQL) == [("b",)]


def test_a_page_that_is_damaged_is_found_and_set_aside(tmp_path: Path) -> None:
    """Also one that nothing was read from yet."""
    file = file_of(tmp_path)
    file.open()
    file.write([remember(moment(), str(n), "x" * 200) for n in range(200)])
    file.release()
    path = tmp_path / "record.db"
    with path.open("r+b") as raw:
        raw.seek(path.stat().st_size - PAGE_BYTES)
        raw.write(b"\xa5" * PAGE_BYTES)
    file = file_of(tmp_path, name="second")
    file.open()
    with pytest.raises(UnusableError, match=r"set aside as record\.db\.damaged"):
        file.check()
    file.open()
    file.write(kept("a"))
    file.check()
    file.release()

    assert rows(tmp_path, SQL) == [("a",)]


def test_what_can_never_be_written_is_told_apart(tmp_path: Path) -> None:
    """It would fail for ever; a full disk would not."""
    file = file_of(tmp_path)
    file.open()
    event_without_kind: Statement = ("INSERT INTO events (run, kind) VALUES (1, NULL)", {})
    for wrong in (event_without_kind, ("SELECT :n", {"n": 1 << 70}), ("SELECT :missing", {})):
        with pytest.raises(ValueError, match=r"NULL|large|binding"):
            file.write([wrong])
    file.write(kept("a"))
    file.release()


def test_a_record_that_is_full_by_its_own_bounds_makes_room(tmp_path: Path) -> None:
    """At once: the newest is worth more than the oldest."""
    file = file_of(tmp_path, Bounds(1 << 20, DAY_NS))
    file.open()
    for number in range(40):
        file.write([event(moment(number), "note", "x" * 4000) for _ in range(20)])
    file.release()

    assert (tmp_path / "record.db").stat().st_size <= 1 << 20
    newest = rows(tmp_path, "SELECT max(at_ns) FROM events")
    assert newest == [(moment(39).ns,)]


def test_it_is_read_where_it_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk at the start costs no ban that was on record."""
    file = file_of(tmp_path)
    file.open()
    file.write(kept("a"))
    file.release()

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(module, "open_record", full)
    file = file_of(tmp_path, name="second")
    assert file.read(lambda connection: connection.execute(SQL).fetchall()) == [("a",)]
    file.release()
    with pytest.raises(UnusableError, match="full"):
        file_of(tmp_path / "none").read(lambda _: None)


def test_a_log_that_a_reader_holds_does_not_grow_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As soon as the reader is gone it goes on."""
    monkeypatch.setattr(module, "LONGEST_LOG_BYTES", 40_000)
    file = file_of(tmp_path)
    file.open()
    file.write(kept("a"))
    reader = read_only(tmp_path / "record.db")
    reader.execute("BEGIN")
    reader.execute(SQL).fetchall()
    for number in range(40):
        file.write(kept(f"b{number}"))
    with pytest.raises(UnusableError, match="a reader holds its log open"):
        file.open()
    reader.close()
    file.open()
    file.write(kept("c"))
    file.release()

    assert ("c",) in rows(tmp_path, SQL)


def test_it_tidies_up(tmp_path: Path) -> None:
    """By size always, by age if that can be judged."""
    file = file_of(tmp_path)
    file.open()
    file.write([event(Moment(1, 1), "note", "of 1970")])

    assert file.tidy(moment(), by_age=False) == 0
    assert file.tidy(moment(), by_age=True) == 1
    file.limit(Bounds(4 << 20, DAY_NS))
    file.release()


def test_a_directory_that_cannot_be_made_is_a_reason(tmp_path: Path) -> None:
    """Somebody has put a file in its place."""
    (tmp_path / "file").touch()
    with pytest.raises(UnusableError, match=r"exists|directory"):
        file_of(tmp_path / "file").open()
