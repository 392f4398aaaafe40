"""What was changed on this machine and must become again what it was.

Law: a change is written here before it is made, so that it can be undone after any death.
"""

from dataclasses import asdict, dataclass
from pathlib import Path

from floodwall.store.atomic import read_json, write_json

_FILE = "undo.json"


@dataclass(frozen=True, slots=True)
class Change:
    """A sysctl that is about to be changed, or was."""

    name: str
    before: str
    after: str


class UndoLedger:
    """The changes that hold at present."""

    def __init__(self, run: Path) -> None:
        self._path = run / _FILE

    def changes(self) -> tuple[Change, ...]:
        """Return every change, oldest first."""
        return tuple(Change(**each) for each in read_json(self._path, []))

    def add(self, change: Change) -> None:
        """Remember a change; what it was before the first one counts."""
        known = self.changes()
        first = next((each.before for each in known if each.name == change.name), change.before)
        others = [each for each in known if each.name != change.name]
        self._write([*others, Change(change.name, first, change.after)])

    def remove(self, name: str) -> None:
        """Forget a change that was undone."""
        self._write([each for each in self.changes() if each.name != name])

    def _write(self, changes: list[Change]) -> None:
        write_json(self._path, [asdict(each) for each in changes])
