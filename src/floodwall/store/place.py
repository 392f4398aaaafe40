"""Where the record of a network namespace is kept, and how one finds it.

The daemon leaves a pointer beside its other runtime files; without one the usual place is looked
at.  Only systemd's STATE_DIRECTORY moves that, systemd.exec(5).
"""

import os
from pathlib import Path

from floodwall.store.atomic import read_json, write_json

FILE = "record.db"
"""Name of the file of the record."""

_STATE = Path("/var/lib/floodwall")
_VARIABLE = "STATE_DIRECTORY"
_POINTER = "record.json"


def usual_directory(namespace: str) -> Path:
    """Return where the record of a network namespace is, unless the settings say otherwise."""
    given = os.environ.get(_VARIABLE, "").split(":")[0]
    return (Path(given) if given else _STATE) / namespace


def directory_of(run: Path, setting: str) -> Path:
    """Return the directory that a daemon uses, by its runtime directory and `record.directory`."""
    return Path(setting) if setting else usual_directory(run.name)


def point_to(run: Path, directory: Path) -> None:
    """Tell others where the record of the running daemon is."""
    write_json(run / _POINTER, {"directory": str(directory)})


def find_record(run: Path) -> Path:
    """Return the file of the record, which need not exist."""
    try:
        pointer = read_json(run / _POINTER, {})
    except OSError:
        pointer = {}
    known = pointer.get("directory") if isinstance(pointer, dict) else None
    return (Path(known) if isinstance(known, str) else usual_directory(run.name)) / FILE
