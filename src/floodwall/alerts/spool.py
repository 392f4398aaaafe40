"""What is still to be told, on disk: a state and a queue that change together.

Law: a `kill -9` at any moment loses no message; at worst one is told twice.  A disk that fails
stops no alert: the spool goes on from memory, and says so.
"""

import contextlib
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from floodwall.core.alerting import AlertState, Message
from floodwall.core.errors import KernelError
from floodwall.kernel.closing import Closing

FILE = "alerts.db"
QUEUE_MAX = 1000
"""Deliveries that wait; above it the oldest that are not critical go first."""

HISTORY_MAX = 1000
"""Deliveries that are over, and are remembered."""

AGE_MAX_S = 86400.0
"""What could not be told for a day is given up."""

FIRST_WAIT_S = 5.0
LONGEST_WAIT_S = 600.0
"""Between two tries of a target that fails: five seconds, doubled each time up to ten minutes."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS state (id INTEGER PRIMARY KEY CHECK (id = 1), json BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS queue (
    id INTEGER PRIMARY KEY AUTOINCREMENT, target TEXT NOT NULL, urgency INTEGER NOT NULL,
    added_s REAL NOT NULL, json BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS waits (
    target TEXT PRIMARY KEY, fails INTEGER NOT NULL, tried_s REAL NOT NULL, why TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS history (
    id INTEGER PRIMARY KEY AUTOINCREMENT, at_s REAL NOT NULL, target TEXT NOT NULL,
    event TEXT NOT NULL, key TEXT NOT NULL, outcome TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS acks (key TEXT PRIMARY KEY);
"""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A delivery that is due or will be."""

    id: int
    target: str
    added_s: float
    message: Message


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """How a target does."""

    name: str
    waiting: int
    fails: int
    why: str
    """Why its last delivery failed; empty if it did not."""


class Spool(Closing):
    """The state of the alerts and the queue of deliveries."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open it, or raise KernelError; a damaged one is set aside."""
        self.trouble = ""
        self._path = path
        try:
            self._db = _open(path, read_only=read_only)
        except sqlite3.Error as error:
            if read_only or not _set_aside(path, error):
                raise KernelError(
                    f"cannot open the spool: {error}", op="open", obj=str(path)
                ) from error
            self.trouble = f"the spool was damaged and set aside as {FILE}.damaged"
            self._db = _open(path, read_only=False)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def state(self) -> AlertState:
        """Return what was remembered; what cannot be understood counts as nothing."""
        rows = self._db.execute("SELECT json FROM state").fetchall()
        with contextlib.suppress(msgspec.MsgspecError, IndexError):
            return msgspec.json.decode(rows[0][0], type=AlertState)
        return AlertState()

    def take(
        self, state: AlertState, messages: Iterable[tuple[str, Message]], now_s: float
    ) -> None:
        """Remember a state and queue the messages that led to it, each for a target, at once."""
        rows = [
            (target, int(message.urgency), now_s, msgspec.json.encode(message))
            for target, message in messages
        ]
        with self._writing() as db:
            db.execute("REPLACE INTO state VALUES (1, ?)", (msgspec.json.encode(state),))
            db.executemany(
                "INSERT INTO queue (target, urgency, added_s, json) VALUES (?, ?, ?, ?)", rows
            )
            self._bound(db, now_s)

    def due(self, now_s: float, busy: frozenset[str]) -> list[Waiting]:
        """Return the oldest delivery of each target that may be tried now."""
        waits = {name: (fails, at_s) for name, fails, at_s, _ in self._waits()}
        found = []
        query = "SELECT MIN(id), target FROM queue GROUP BY target ORDER BY 1"
        for number, target in self._db.execute(query).fetchall():
            fails, tried_s = waits.get(target, (0, 0.0))
            # A clock that was set back makes nobody wait for longer.
            if target not in busy and not 0 <= now_s - tried_s < wait_s(fails):
                found.append(self._waiting(number))
        return found

    def done(self, waiting: Waiting, why: str, now_s: float) -> None:
        """Remember how a delivery ended: one that failed stays, for a day at most."""
        gone = not why or not 0 <= now_s - waiting.added_s < AGE_MAX_S
        with self._writing() as db:
            if gone:
                db.execute("DELETE FROM queue WHERE id = ?", (waiting.id,))
            if why:
                db.execute(
                    "INSERT INTO waits VALUES (?, 1, ?, ?) ON CONFLICT (target) DO UPDATE SET "
                    "fails = fails + 1, tried_s = excluded.tried_s, why = excluded.why",
                    (waiting.target, now_s, why),
                )
            else:
                db.execute("DELETE FROM waits WHERE target = ?", (waiting.target,))
            said = f"given up: {why}" if why and gone else why
            self._note(db, now_s, waiting.target, waiting.message, said or "arrived")

    def drop_unknown(self, targets: Sequence[str], now_s: float) -> None:
        """Give up what waits for targets that are not in the file any more."""
        marks = ",".join("?" * len(targets))
        with self._writing() as db:
            query = f"SELECT id FROM queue WHERE target NOT IN ({marks})"  # noqa: S608  only marks
            for (number,) in db.execute(query, targets).fetchall():
                gone = self._waiting(number)
                db.execute("DELETE FROM queue WHERE id = ?", (number,))
                self._note(db, now_s, gone.target, gone.message, "given up: no such target")
            forget = f"DELETE FROM waits WHERE target NOT IN ({marks})"  # noqa: S608  only marks
            db.execute(forget, targets)

    def acknowledge(self, key: str) -> None:
        """Leave a word for the process that runs."""
        with self._writing() as db:
            db.execute("REPLACE INTO acks VALUES (?)", (key,))

    def acks(self) -> frozenset[str]:
        """Return and forget what was acknowledged."""
        found = frozenset(key for (key,) in self._db.execute("SELECT key FROM acks").fetchall())
        if found:
            with self._writing() as db:
                db.executemany("DELETE FROM acks WHERE key = ?", [(key,) for key in found])
        return found

    def targets(self) -> list[TargetStatus]:
        """Return how each target does that has something to say."""
        queue = "SELECT target, COUNT(*) FROM queue GROUP BY target"
        waiting = dict(self._db.execute(queue).fetchall())
        waits = {name: (fails, why) for name, fails, _, why in self._waits()}
        return [
            TargetStatus(name, waiting.get(name, 0), *waits.get(name, (0, "")))
            for name in sorted(waiting.keys() | waits.keys())
        ]

    def history(self, count: int) -> list[dict[str, Any]]:
        """Return the newest deliveries that were tried, oldest first."""
        names = ("at_s", "target", "event", "key", "outcome")
        query = "SELECT at_s, target, event, key, outcome FROM history ORDER BY id DESC LIMIT ?"
        rows = self._db.execute(query, (count,)).fetchall()
        return [dict(zip(names, row, strict=True)) for row in reversed(rows)]

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """Write in one transaction; where the disk refuses, once more in memory."""
        try:
            with self._db:
                yield self._db
        except sqlite3.Error as error:
            raise SpoolError(str(error)) from error

    def go_on_from_memory(self, why: str) -> None:
        """Leave the disk, with everything that can be read from it."""
        memory = sqlite3.connect(":memory:")
        try:
            self._db.backup(memory)
        except sqlite3.Error:
            memory.executescript(_SCHEMA)
        with contextlib.suppress(sqlite3.Error):
            self._db.close()
        self._db = memory
        self.trouble = f"the spool cannot be written, alerts go on from memory: {why}"

    def _waiting(self, number: int) -> Waiting:
        query = "SELECT id, target, added_s, json FROM queue WHERE id = ?"
        found, target, added_s, raw = self._db.execute(query, (number,)).fetchone()
        return Waiting(found, target, added_s, msgspec.json.decode(raw, type=Message))

    def _waits(self) -> list[tuple[str, int, float, str]]:
        return self._db.execute("SELECT target, fails, tried_s, why FROM waits").fetchall()

    def _bound(self, db: sqlite3.Connection, now_s: float) -> None:
        (count,) = db.execute("SELECT COUNT(*) FROM queue").fetchone()
        query = "SELECT id FROM queue ORDER BY urgency >= 2, id LIMIT ?"
        for (number,) in db.execute(query, (max(0, count - QUEUE_MAX),)).fetchall():
            lost = self._waiting(number)
            db.execute("DELETE FROM queue WHERE id = ?", (number,))
            self._note(db, now_s, lost.target, lost.message, "given up: too many wait")

    def _note(
        self, db: sqlite3.Connection, now_s: float, target: str, message: Message, said: str
    ) -> None:
        row = (now_s, target, message.event.value, message.key, said)
        db.execute(
            "INSERT INTO history (at_s, target, event, key, outcome) VALUES (?, ?, ?, ?, ?)", row
        )
        db.execute(
            "DELETE FROM history WHERE id <= (SELECT MAX(id) FROM history) - ?", (HISTORY_MAX,)
        )


class SpoolError(Exception):
    """The disk refuses to keep the spool."""


def wait_s(fails: int) -> float:
    """Return how long a target is left alone that failed so often in a row."""
    return min(LONGEST_WAIT_S, FIRST_WAIT_S * 2.0 ** min(fails - 1, 20)) if fails else 0.0


def _open(path: Path, *, read_only: bool) -> sqlite3.Connection:
    mode = "ro" if read_only else "rwc"
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=2.0)
    try:
        if not read_only:
            db.executescript(_SCHEMA)
        db.execute("SELECT COUNT(*) FROM queue").fetchone()
    except BaseException:
        db.close()
        raise
    return db


def _set_aside(path: Path, error: sqlite3.Error) -> bool:
    if getattr(error, "sqlite_errorcode", 0) not in {sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT}:
        return False
    path.replace(path.with_name(f"{path.name}.damaged"))
    return True
