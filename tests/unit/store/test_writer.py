"""The one writer."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from floodwall.store.recordfile import RecordFile, UnusableError
from floodwall.store.retention import Bounds
from floodwall.store.statements import Statement, remember
from floodwall.store.writer import StillAskedError, Writer
from tests.support.records import life, moment, rows

BOUNDS = Bounds(4 << 20, 10**18)
SQL = "SELECT name FROM memory ORDER BY name"
PATIENCE_S = 10.0


class Moody(RecordFile):
    """A file that cannot be written while `why` is said, and hangs while `hung` is clear."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory / "record.db", BOUNDS, life())
        self.why = ""
        self.hung = threading.Event()
        self.hung.set()

    def write(self, statements: Sequence[Statement]) -> None:
        """Write, if the mood allows it."""
        self.hung.wait(PATIENCE_S)
        if why := self.why:
            self.close()
            raise UnusableError(why)
        super().write(statements)


@pytest.fixture
def file(tmp_path: Path) -> Moody:
    """Return a file in a good mood."""
    return Moody(tmp_path)


@pytest.fixture
def writer(file: Moody) -> Iterator[Writer]:
    """Start a writer that tries often and keeps fifty statements."""
    made = Writer(file, retry_s=0.02, largest=50)
    yield made
    file.hung.set()
    made.stop(PATIENCE_S)


def put(writer: Writer, name: str, wait_s: float = PATIENCE_S, count: int = 1) -> bool:
    """Write a name."""
    return writer.put([remember(moment(), name, "x")] * count, moment(), wait_s)


def eventually(condition: Callable[[], bool]) -> bool:
    """Wait until a condition holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    return condition()


def test_what_is_written_is_on_the_disk(writer: Writer, tmp_path: Path) -> None:
    """When `put` says so, another process can read it."""
    assert put(writer, "a")
    assert rows(tmp_path, SQL) == [("a",)]
    assert writer.take_wish()
    assert not writer.take_wish()
    assert writer.take_told() == []


def test_a_full_disk_is_told_once_and_made_up_for(
    writer: Writer, file: Moody, tmp_path: Path
) -> None:
    """Everything is written, in order, as soon as there is room; nobody waits meanwhile."""
    put(writer, "a")
    file.why = "database or disk is full"
    assert not put(writer, "b", 0.2)
    began = time.monotonic()
    assert not any(put(writer, f"c{n}") for n in range(20))
    assert time.monotonic() - began < 1
    assert writer.trouble == "database or disk is full"
    file.why = ""
    assert eventually(lambda: not writer.trouble)
    assert put(writer, "d")

    assert len(rows(tmp_path, SQL)) == 23
    assert writer.take_told() == [
        "the record cannot be written: database or disk is full; going on from memory",
        "the record is written again; nothing of it is missing",
    ]


def test_memory_is_bounded_and_what_is_missing_is_told(
    writer: Writer, file: Moody, tmp_path: Path
) -> None:
    """The oldest goes first, and the record is brought into agreement afterwards."""
    put(writer, "a")
    writer.take_wish()
    file.why = "full"
    for number in range(20):
        put(writer, f"b{number:02}", 0.1, count=5)
    assert eventually(lambda: bool(writer.trouble))
    assert writer._size <= 50
    file.why = ""
    assert eventually(lambda: not writer.trouble)

    names = [name for (name,) in rows(tmp_path, SQL)]
    assert names[0] == "a"
    assert names[-10:] == [f"b{number:02}" for number in range(10, 20)]
    assert len(names) < 20
    assert writer.take_wish()
    assert "seconds of it are missing" in writer.take_told()[-1]


def test_a_disk_that_hangs_does_not_hold_up_the_loop(writer: Writer, file: Moody) -> None:
    """A second waits for as long as it was told to, and is written later."""
    put(writer, "a")
    file.hung.clear()
    began = time.monotonic()
    assert not put(writer, "b", 0.1)
    assert time.monotonic() - began < 1
    file.hung.set()
    assert put(writer, "c")


def test_one_second_that_cannot_be_written_stops_no_other(writer: Writer, tmp_path: Path) -> None:
    """It is a mistake of ours: told, and not tried again."""
    put(writer, "a")
    writer.take_wish()
    writer.put([("INSERT INTO memory (name) VALUES ('b')", {})], moment(), 0)
    put(writer, "c")

    assert rows(tmp_path, SQL) == [("a",), ("c",)]
    assert "could not take one second" in writer.take_told()[0]
    assert writer.take_wish()
    assert writer.trouble == ""


def test_a_mistake_of_its_own_ends_nothing(writer: Writer, file: Moody, tmp_path: Path) -> None:
    """The thread says so and goes on."""

    def fail() -> None:
        raise ZeroDivisionError("a mistake")

    file.open = fail  # type: ignore[method-assign] # a mistake is what the test makes
    put(writer, "a", 0.1)
    assert eventually(lambda: "ZeroDivisionError: a mistake" in writer.trouble)
    del file.open
    assert eventually(lambda: not writer.trouble)
    assert rows(tmp_path, SQL) == [("a",)]


def test_it_answers_questions_in_between(writer: Writer, file: Moody) -> None:
    """Or says why not: an error, or no time."""
    put(writer, "a")

    def look(connection: sqlite3.Connection) -> int:
        return len(connection.execute(SQL).fetchall())

    assert writer.ask(lambda known: known.read(look)).result(PATIENCE_S) == 1
    wrong = writer.ask(lambda known: known.read(lambda c: c.execute("SELECT * FROM gone")))
    with pytest.raises(UnusableError, match="no such table"):
        wrong.result(PATIENCE_S)
    file.hung.clear()
    late = writer.ask(lambda _: file.hung.wait(PATIENCE_S))
    with pytest.raises(StillAskedError, match=r"no answer within 0\.05 s"):
        late.result(0.05)
    file.hung.set()
    assert late.result(PATIENCE_S)


def test_the_end_writes_what_waits(file: Moody, tmp_path: Path) -> None:
    """All of it, and lets another writer have the file."""
    writer = Writer(file)
    for number in range(200):
        put(writer, f"a{number:03}", 0)
    assert writer.stop(PATIENCE_S)
    assert len(rows(tmp_path, SQL)) == 200
    other = RecordFile(tmp_path / "record.db", BOUNDS, life("other"))
    other.open()
    other.release()


def test_an_end_on_a_full_disk_does_not_take_long(file: Moody) -> None:
    """One last try, then it is over."""
    writer = Writer(file)
    file.why = "full"
    put(writer, "a", 0.1)
    began = time.monotonic()
    assert not writer.stop(PATIENCE_S)
    assert time.monotonic() - began < 2


def test_other_bounds_are_taken_over(writer: Writer, file: Moody) -> None:
    """By the thread, with what it writes next."""
    put(writer, "a")
    writer.limit(Bounds(8 << 20, 1))
    put(writer, "b")

    assert eventually(lambda: file.bounds.max_bytes == 8 << 20)
