"""The end of Floodwall in a network namespace, with or without a daemon that still listens."""

from collections.abc import Iterator

from floodwall.act.sysctl import restore_sysctls
from floodwall.app.footing import remove_lower
from floodwall.app.instance import running
from floodwall.app.recording import a_hand
from floodwall.kernel.attachments import detach_pinned
from floodwall.kernel.bpffs import StateDirectory, run_directory
from floodwall.store.beside import end_bans
from floodwall.store.place import find_record
from floodwall.store.undo import UndoLedger

PATIENCE_S = 0.7
"""A daemon has so long to go by itself; `off` as a whole takes a second."""


def switch_off() -> Iterator[str]:
    """Remove everything that is ours from this network namespace; yield what was done."""
    directory = StateDirectory.find()
    if directory is None:
        removed = list(remove_lower(run_directory()))
        yield from removed or ["nothing of Floodwall is in this network namespace"]
        return
    daemon = running(directory.run)
    record = find_record(directory.run)
    if daemon:
        if daemon.stop(PATIENCE_S):
            yield f"the daemon (pid {daemon.pid}) has stopped"
        elif daemon.kill(PATIENCE_S):
            yield f"the daemon (pid {daemon.pid}) did not stop when asked, and was killed"
    if why := end_bans(record, a_hand(), "switched off by the operator"):
        yield f"the record does not know that the bans have ended: {why}"
    if StateDirectory.find() is None:
        yield "nothing is left behind"
        return
    for name in detach_pinned(directory):
        yield f"removed {name}"
    yield from remove_lower(directory.run)
    undo = UndoLedger(directory.run)
    yield from restore_sysctls(undo)
    directory.remove()
    yield "nothing is left behind"
