"""When a flood was rehearsed last on this machine, for the audit to find."""

import contextlib
from datetime import UTC, datetime

from floodwall.store.atomic import write_json
from floodwall.store.place import usual_directory

_FILE = "rehearsal.json"
_READABLE = 0o644


def note_rehearsal(scenarios: int, *, met: bool) -> bool:
    """Remember a rehearsal that went to its end; return False where the disk takes nothing."""
    path = usual_directory("") / _FILE
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        at = datetime.now(UTC).isoformat(timespec="seconds")
        write_json(path, {"at": at, "scenarios": scenarios, "met": met})
        path.chmod(_READABLE)  # an audit without root reads it, too
        return True
    return False
