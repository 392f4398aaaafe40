"""A change of settings that waits to be confirmed, as it survives the death of everybody.

Law: it is written before the change is made, and whoever finds it after its time takes the change
back: the daemon, the guard, or the next daemon.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from floodwall.kernel.filelock import FileLock
from floodwall.store.atomic import read_json, write_json
from floodwall.store.moment import boot_id

_FILE = "pending.json"
_LOCK = "pending.lock"


@dataclass(frozen=True, slots=True)
class Pending:
    """Settings on trial, those to go back to, and until when; texts are TOML."""

    text: str
    origin: str
    """Where the text comes from, for messages."""
    before: str
    before_origin: str
    deadline_ns: int
    """CLOCK_MONOTONIC; taken back then unless confirmed."""
    who: str
    boot: str
    interfaces: tuple[str, ...] = ()
    """What the daemon's command line says, which goes before every file."""
    mode: str = ""

    def is_over(self, now_ns: int) -> bool:
        """Tell whether its time has passed; with another boot it has."""
        return now_ns >= self.deadline_ns or self.boot != boot_id()


class PendingFile:
    """The place of the one pending change of a network namespace."""

    def __init__(self, run: Path) -> None:
        self._path = run / _FILE
        self._lock = run / _LOCK

    def exists(self) -> bool:
        """Tell whether a change waits."""
        return self._path.exists()

    def read(self) -> Pending | None:
        """Return the change that waits; a damaged file counts as none, and is set aside."""
        stored: Any = read_json(self._path, None)
        if not isinstance(stored, dict):
            return None
        try:
            return Pending(**stored | {"interfaces": tuple(stored["interfaces"])})
        except (KeyError, TypeError):
            return None

    def write(self, pending: Pending) -> None:
        """Let a change wait."""
        write_json(self._path, asdict(pending))

    def remove(self) -> None:
        """Nothing waits any more."""
        self._path.unlink(missing_ok=True)

    def lock(self) -> FileLock:
        """Return the lock that is held by whoever takes a change back, or starts a daemon."""
        return FileLock(self._lock)
