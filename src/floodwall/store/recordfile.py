"""The record as its writer holds it: open or not, claimed, with the number of this run.

Law: after any error the file is opened anew; what was written before is whole.
"""

import contextlib
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from floodwall.core.errors import FloodwallError
from floodwall.kernel.filelock import FileLock
from floodwall.store import retention
from floodwall.store.database import (
    ForeignError,
    Opened,
    execute,
    identity,
    is_damage,
    is_full,
    limit_size,
    open_record,
    refuse_damage,
    set_aside,
)
from floodwall.store.moment import Anchor, Moment
from floodwall.store.retention import Bounds
from floodwall.store.statements import Statement

_LOCK = "record.lock"
LONGEST_LOG_BYTES = 64 << 20
"""SQLite cannot shorten its log while a reader looks at an old part of it."""

_ENTER = """
INSERT OR IGNORE INTO runs
  (token, boot, pid, version, began_ns, began_wall_ns, seen_ns, seen_wall_ns)
VALUES (:token, :boot, :pid, :version, :ns, :wall_ns, :ns, :wall_ns)"""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Run:
    """One life of the daemon, as the record names it."""

    token: str
    """Unique, drawn by the application."""
    began: Anchor
    pid: int
    version: str


class UnusableError(Exception):
    """The record cannot be written now; the text says why."""


class RecordFile:
    """The file, for one thread."""

    def __init__(self, path: Path, bounds: Bounds, run: Run) -> None:
        self.path = path
        self.bounds = bounds
        self._run = run
        self._number = 0
        self._claim = FileLock(path.with_name(_LOCK))
        self._claimed = False
        self._opened: Opened | None = None
        self._changed = False
        self._notes: list[str] = []

    def read(self, look: Callable[[sqlite3.Connection], T]) -> T:
        """Look into the record, also where the disk is too full to open it for writing."""
        try:
            self._open_file()
            return look(self._connection())
        except sqlite3.Error as error:
            raise self._gone_wrong(error) from error
        except UnusableError:
            if not self.path.exists() or not self._claimed:
                raise
        connection = sqlite3.connect(self.path, timeout=0.1, isolation_level=None)
        try:
            # Alone with the file, SQLite needs no shared memory: wal.html#noshm.
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            return look(connection)
        except sqlite3.Error as error:
            raise UnusableError(str(error)) from error
        finally:
            connection.close()

    def open(self) -> None:
        """Open the file if it is not, and enter this run into it."""
        if self._opened is not None:
            self._watch()
        self._open_file()
        if not self._number:
            try:
                self._number = self._enter(self._connection())
            except (sqlite3.Error, OSError) as error:
                raise self._gone_wrong(error) from error

    def _open_file(self) -> None:
        if self._opened is not None:
            return
        try:
            self._claim_it()
            self._opened = open_record(self.path, self.bounds.max_bytes)
        except (sqlite3.Error, OSError, FloodwallError) as error:
            raise UnusableError(_why(error)) from error
        self._notes += self._opened.notes

    def take_notes(self) -> list[str]:
        """Return what had to be done to open the file, since the last time."""
        notes, self._notes = self._notes, []
        return notes

    def take_change(self) -> bool:
        """Tell, once, whether it is another file than the one that was written before."""
        changed, self._changed = self._changed, False
        return changed

    def write(self, statements: Sequence[Statement]) -> None:
        """Write all of it or nothing; a statement that can never be written raises ValueError."""
        connection = self._connection()
        try:
            try:
                execute(connection, self._number, statements)
            except sqlite3.OperationalError as error:
                # Full by its own bounds: what is oldest makes room at once.
                if not is_full(error) or not self._make_room(connection):
                    raise
                execute(connection, self._number, statements)
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError) as error:
            raise ValueError(str(error)) from error
        except OverflowError as error:
            raise ValueError(str(error)) from error
        except (sqlite3.Error, OSError) as error:
            raise self._gone_wrong(error) from error

    def check(self) -> None:
        """Look at every page; a damaged file is set aside."""
        connection = self._connection()
        try:
            refuse_damage(connection)
        except (sqlite3.Error, ForeignError) as error:
            raise self._gone_wrong(error) from error

    def tidy(self, now: Moment, *, by_age: bool) -> int:
        """Forget what is too much or too old; return how many rows went."""
        connection = self._connection()
        try:
            gone = retention.forget_by_size(connection, self.bounds.max_bytes)
            if by_age:
                gone += retention.forget_by_age(
                    connection, self._number, now, self.bounds.max_age_ns
                )
            retention.give_back(connection)
        except (sqlite3.Error, OSError) as error:
            raise self._gone_wrong(error) from error
        return gone

    def limit(self, bounds: Bounds) -> None:
        """Take over other bounds."""
        self.bounds = bounds
        if self._opened is not None:
            with contextlib.suppress(sqlite3.Error):
                limit_size(self._opened.connection, bounds.max_bytes)

    def close(self) -> None:
        """Let go of the file; the claim stays until `release`."""
        opened, self._opened, self._number = self._opened, None, 0
        if opened is not None:
            with contextlib.suppress(sqlite3.Error):
                opened.connection.close()

    def release(self) -> None:
        """Let another writer have it."""
        self.close()
        self._claim.release()
        self._claimed = False

    def _claim_it(self) -> None:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._claimed and not self._claim.acquire(wait=False):
            raise UnusableError("another process writes to it")
        self._claimed = True

    def _enter(self, connection: sqlite3.Connection) -> int:
        began = self._run.began
        values = {
            "token": self._run.token,
            "boot": began.boot,
            "pid": self._run.pid,
            "version": self._run.version,
            "ns": began.moment.ns,
            "wall_ns": began.moment.wall_ns,
        }
        before = connection.total_changes
        execute(connection, 0, [(_ENTER, values)])
        # A file in which this run has no row is another one than before.
        self._changed = self._changed or connection.total_changes > before
        found = connection.execute("SELECT id FROM runs WHERE token = ?", (self._run.token,))
        return int(found.fetchone()[0])

    def _watch(self) -> None:
        """Notice that the file was taken away, or that a reader lets its log grow without end."""
        if self._opened and identity(self.path) != self._opened.identity:
            self.close()
            return
        if self._opened and self._log_bytes() > LONGEST_LOG_BYTES:
            with contextlib.suppress(sqlite3.Error):
                self._opened.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            if self._log_bytes() > LONGEST_LOG_BYTES:
                raise UnusableError("a reader holds its log open")

    def _log_bytes(self) -> int:
        try:
            return self.path.with_name(f"{self.path.name}-wal").stat().st_size
        except OSError:
            return 0

    def _make_room(self, connection: sqlite3.Connection) -> bool:
        return retention.forget_by_size(connection, self.bounds.max_bytes) > 0

    def _gone_wrong(self, error: Exception) -> UnusableError:
        """Close the file, set it aside if it is damaged, and return what to raise."""
        self.close()
        bad = isinstance(error, sqlite3.Error) and is_damage(error)
        if not bad and not isinstance(error, ForeignError):
            return UnusableError(_why(error))
        why = f"it is damaged ({error})" if bad else str(error)
        with contextlib.suppress(OSError):
            why += f" and was set aside as {set_aside(self.path).name}"
        return UnusableError(why)

    def _connection(self) -> sqlite3.Connection:
        if self._opened is None:
            raise UnusableError("it is not open")
        return self._opened.connection


def _why(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error)
