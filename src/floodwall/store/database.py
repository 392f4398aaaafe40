"""The file of the record: opened, checked, brought to this version, or set aside.

Law: a file that cannot be read is never deleted and never stops the defence; a new one begins.
"""

import contextlib
import os
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from floodwall.store.schema import APPLICATION_ID, MIGRATIONS, statements
from floodwall.store.statements import Statement

PAGE_BYTES = 4096
_BUSY_MS = 100
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_CODE = 0xFF  # extended result codes carry the primary one in their low byte

# A commit survives the death of this process at any byte; the power may take the last ones, never
# the file: https://www.sqlite.org/pragma.html#pragma_synchronous
_PRAGMAS = (
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "temp_store = MEMORY",
    "foreign_keys = OFF",
    "journal_size_limit = 4194304",
    "cache_size = -2048",
    "trusted_schema = OFF",
)


class ForeignError(Exception):
    """The file is a whole SQLite database, but not one that this version can go on with."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A record that can be written, and what had to be done for it."""

    connection: sqlite3.Connection
    identity: tuple[int, int]
    """Device and inode: another file may be put in its place at any time."""
    notes: tuple[str, ...] = ()


def open_record(path: Path, max_bytes: int, migrations: tuple[str, ...] = MIGRATIONS) -> Opened:
    """Open a record for writing; one that is damaged is set aside, and a new one is begun.

    Pages are looked at when they are used, and all of them by `refuse_damage`.  Raises
    sqlite3.Error or OSError where the disk is full, read-only or gone.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        return _open(path, max_bytes, migrations)
    except ForeignError as error:
        why = str(error)
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
        why = f"it is damaged ({error})"
    aside = set_aside(path)
    opened = _open(path, max_bytes, migrations)
    note = f"the record was set aside as {aside.name} and a new one begun: {why}"
    return Opened(opened.connection, opened.identity, (note,))


def is_full(error: sqlite3.Error) -> bool:
    """Tell whether there was no room, on the disk or in the size that the settings allow."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & _CODE == sqlite3.SQLITE_FULL


def is_damage(error: sqlite3.Error) -> bool:
    """Tell whether the file itself is bad; anything else may pass."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & _CODE in _DAMAGED


def refuse_damage(connection: sqlite3.Connection) -> None:
    """Look at every page, or raise ForeignError; it takes a second for 256 MiB."""
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise ForeignError(f"it is damaged ({found})")


def set_aside(path: Path) -> Path:
    """Move a record out of the way with its log; the one before it goes."""
    aside = path.with_name(f"{path.name}.damaged")
    for suffix in ("", "-wal"):
        moved = path.with_name(path.name + suffix)
        target = aside.with_name(aside.name + suffix)
        target.unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            moved.replace(target)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    return aside


def execute(connection: sqlite3.Connection, run: int, written: Iterable[Statement]) -> None:
    """Carry out statements in one transaction: all of them or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for sql, values in written:
            if isinstance(values, list):
                connection.executemany(sql, ({"run": run, **each} for each in values))
            else:
                connection.execute(sql, {"run": run, **values})
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise


def roll_back(connection: sqlite3.Connection) -> None:
    """Give up a transaction; some errors of SQLite have done so already."""
    with contextlib.suppress(sqlite3.Error):
        if connection.in_transaction:
            connection.execute("ROLLBACK")


def identity(path: Path) -> tuple[int, int]:
    """Return device and inode of a file; zeros if there is none."""
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino


def read_only(path: Path) -> sqlite3.Connection:
    """Open a record to look at; the daemon may go on writing.

    Where the directory cannot be written, as on a full or read-only disk, the shared memory of the
    log may be missing: without a log the file is whole by itself.
    """
    location = f"file:{_quoted(path)}?mode=ro"
    connection = sqlite3.connect(location, uri=True, timeout=1, isolation_level=None)
    try:
        connection.execute("SELECT count(*) FROM runs")
    except sqlite3.OperationalError:
        connection.close()
        log = path.with_name(f"{path.name}-wal")
        if log.exists() and log.stat().st_size:
            raise
        connection = sqlite3.connect(f"{location}&immutable=1", uri=True, isolation_level=None)
    connection.row_factory = sqlite3.Row
    return connection


def _open(path: Path, max_bytes: int, migrations: tuple[str, ...]) -> Opened:
    connection = _connect(path)
    try:
        if not path.stat().st_size:
            # Both count for a file that is begun, and would write to one that is there.
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
        _refuse_foreign(connection, len(migrations))
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        limit_size(connection, max_bytes)
        _migrate(connection, migrations)
    except BaseException:
        connection.close()
        raise
    return Opened(connection, identity(path))


def limit_size(connection: sqlite3.Connection, max_bytes: int) -> None:
    """Let the file not grow beyond this; forgetting in time keeps it well below."""
    connection.execute(f"PRAGMA max_page_count = {max_bytes // PAGE_BYTES}")


def _connect(path: Path) -> sqlite3.Connection:
    # Made by us, so that nobody else can read it at any moment.  One that is there is not opened:
    # close() would drop the locks that other connections of this process have on it, fcntl(2).
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    return sqlite3.connect(
        path, timeout=_BUSY_MS / 1000, isolation_level=None, check_same_thread=False
    )


def _refuse_foreign(connection: sqlite3.Connection, newest: int) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (application or tables):
        raise ForeignError("it is not a record of Floodwall")
    if version > newest:
        raise ForeignError(f"a newer Floodwall made it (version {version}, this one has {newest})")


def _migrate(connection: sqlite3.Connection, migrations: tuple[str, ...]) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == len(migrations):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for script in migrations[version:]:
            for statement in statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        roll_back(connection)
        raise


def _quoted(path: Path) -> str:
    return str(path.absolute()).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
