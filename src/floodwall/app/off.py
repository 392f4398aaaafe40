"""The end of Floodwall in a network namespace, with or without a daemon that still listens.

Law: packets are free first.  What takes a while to load, such as the record, comes after that.
"""

import importlib
from collections.abc import Iterator
from pathlib import Path

from floodwall.act.sysctl import restore_sysctls
from floodwall.app.instance import Instance, running
from floodwall.kernel.bpffs import StateDirectory, run_directory
from floodwall.kernel.links import detach_pinned
from floodwall.store.place import find_record
from floodwall.store.undo import UndoLedger

PATIENCE_S = 0.7
"""A daemon has so long to go by itself; `off` as a whole takes a second."""

_HEAVY = "floodwall.app.off_rest"


def switch_off() -> Iterator[str]:
    """Remove everything that is ours from this network namespace; yield what was done."""
    directory = StateDirectory.find()
    if directory is None:
        removed = list(_remove_lower(run_directory()))
        yield from removed or ["nothing of Floodwall is in this network namespace"]
        return
    record = find_record(directory.run)
    if daemon := running(directory.run):
        yield _end(daemon)
    if StateDirectory.find() is not None:
        for name in detach_pinned(directory):
            yield f"removed {name}"
        yield from restore_sysctls(UndoLedger(directory.run))
        yield from _remove_lower(directory.run)
        directory.remove()
    yield from _end_bans(record)
    yield "nothing is left behind"


def _end(daemon: Instance) -> str:
    # One that is stopped hears nothing: waiting for it is a waste of the second.
    if not daemon.is_stopped() and daemon.stop(PATIENCE_S):
        return f"the daemon (pid {daemon.pid}) has stopped"
    daemon.kill(PATIENCE_S)
    return f"the daemon (pid {daemon.pid}) did not stop when asked, and was killed"


def _remove_lower(run: Path) -> Iterator[str]:
    yield from importlib.import_module(_HEAVY).remove_lower(run)


def _end_bans(record: Path) -> Iterator[str]:
    if not record.exists():
        return
    if why := importlib.import_module(_HEAVY).end_bans_on_record(record):
        yield f"the record does not know that the bans have ended: {why}"
