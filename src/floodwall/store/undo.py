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
    layer: str = ""
    """For how long: empty is the life of the daemon, `attack` is one attack on top of it."""


class UndoLedger:
    """The changes that hold at present; several layers of one sysctl lie one upon the other."""

    def __init__(self, run: Path) -> None:
        self._path = run / _FILE

    def changes(self) -> tuple[Change, ...]:
        """Return every change, oldest first; a damaged entry hides no other."""
        stored = read_json(self._path, [])
        return tuple(filter(None, map(_read, stored if isinstance(stored, list) else [])))

    def add(self, change: Change) -> None:
        """Remember a change; what it was before the first one of its layer counts."""
        known = list(self.changes())
        for place, each in enumerate(known):
            if (each.name, each.layer) == (change.name, change.layer):
                known[place] = Change(each.name, each.before, change.after, each.layer)
                break
        else:
            known.append(change)
        self._write(known)

    def remember(self, name: str, before: str, after: str, layer: str) -> None:
        """Remember a change by its parts."""
        self.add(Change(name, before, after, layer))

    def remove(self, name: str, layer: str = "") -> None:
        """Forget a change that was undone; a layer upon it then leads back to what it did."""
        kept: list[Change] = []
        gone: Change | None = None
        for each in self.changes():
            if (each.name, each.layer) == (name, layer):
                gone = each
            elif gone is not None and each.name == name:
                kept.append(Change(name, gone.before, each.after, each.layer))
                gone = None
            else:
                kept.append(each)
        self._write(kept)

    def _write(self, changes: list[Change]) -> None:
        write_json(self._path, [asdict(each) for each in changes])


def _read(stored: object) -> Change | None:
    if not isinstance(stored, dict):
        return None
    try:
        change = Change(**stored)
    except TypeError:
        return None
    whole = all(isinstance(part, str) for part in asdict(change).values())
    return change if whole else None
