"""The guard of a trial: takes settings back at their time, though everybody else is dead.

It is a process of its own, started before the settings are swapped, with a clock of its own.  Law:
while a daemon lives and works, it is the daemon who takes settings back; the guard watches.
"""

import os
import signal
import sys
import time
from pathlib import Path

from floodwall.app.changes import sources_of, swap_back
from floodwall.app.daemon import open_defence
from floodwall.app.instance import claim, running
from floodwall.app.off import switch_off
from floodwall.app.trial_guard import READY
from floodwall.core.errors import FloodwallError
from floodwall.core.model import SECOND_NS
from floodwall.kernel.bpffs import StateDirectory, run_directory
from floodwall.kernel.probe import mask_from_environment, probe
from floodwall.store.journal import Journal
from floodwall.store.pending import Pending, PendingFile

POLL_S = 0.05
"""How often the guard looks whether it is still needed."""

BUSY_NS = 3 * SECOND_NS
"""A daemon that runs, but is late, has so long; one that is stopped or dead has no time."""

BEGIN_NS = 10 * SECOND_NS
"""A trial that has not begun so long after the guard never will."""

EARLY_NS = 3 * SECOND_NS
"""So long before the end the guard takes the place of a daemon that is dead: that needs time."""

_GONE_NS = 3 * SECOND_NS // 10  # whoever looks into a process stops it for a moment
_KILL_S = 0.5


def watch(run: Path, deadline_ns: int) -> bool:
    """Wait for the end of a trial; return whether nobody else is there to end it."""
    file, began_ns, seen = PendingFile(run), time.monotonic_ns(), False
    alive_ns = began_ns
    while True:
        now_ns = time.monotonic_ns()
        trial = file.read() if file.exists() else None
        if trial is not None and trial.deadline_ns != deadline_ns:
            return False  # another one, with a guard of its own
        seen = seen or trial is not None
        if trial is None and (seen or now_ns >= min(deadline_ns, began_ns + BEGIN_NS)):
            return False
        daemon = running(run)
        if daemon is not None and not daemon.is_stopped():
            alive_ns = now_ns
        late = now_ns - alive_ns >= _GONE_NS or now_ns >= deadline_ns + BUSY_NS
        if trial is not None and late and now_ns >= deadline_ns - EARLY_NS:
            return True
        time.sleep(POLL_S)


def take_back(run: Path) -> None:
    """Put the settings before the trial back in force at its time, in the place of a daemon."""
    file = PendingFile(run)
    # A daemon that starts meanwhile waits for this lock.
    with file.lock():
        trial = file.read()
        if trial is None:
            return
        daemon = running(run)
        if daemon is not None:
            daemon.kill(_KILL_S)
        told = f"took settings from {trial.origin} back: not confirmed, and no daemon to do it"
        try:
            _put_back(trial, run)
        except (FloodwallError, OSError) as error:
            # Whatever the trial did to this machine ends; nothing is better than the unknown.
            for _ in switch_off():
                pass
            told = f"switched off: settings on trial could not be taken back: {error}"
        if run.is_dir():
            Journal(run).write(told)
            file.remove()


def _put_back(trial: Pending, run: Path) -> None:
    """Go on with the trial as a daemon would at its start, end it as a daemon would, and leave."""
    directory = StateDirectory.find()
    if directory is None or not directory.pinned("link_"):
        return  # nothing outlived the daemon
    sources = sources_of(trial)
    before = sources.settle(trial.before, trial.before_origin)
    now = before
    if not trial.is_over(time.monotonic_ns()):
        now = sources.settle(trial.text, trial.origin)
    with claim(run):
        features = probe(mask_from_environment())
        defence = open_defence(StateDirectory.prepare(), now, features)
        try:
            if now != before:
                left_ns = trial.deadline_ns - time.monotonic_ns()
                time.sleep(max(0, left_ns) / SECOND_NS)
                swap_back(defence, before, time.monotonic_ns())
        finally:
            defence.abandon()


def main(arguments: list[str]) -> int:
    """Guard one trial; its deadline is the only argument."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    run = run_directory()
    os.write(sys.stdout.fileno(), READY)
    with open(os.devnull, "wb") as nobody:  # noqa: PTH123  its descriptor is what counts
        os.dup2(nobody.fileno(), sys.stdout.fileno())
    if watch(run, int(arguments[0])):
        take_back(run)
    return os.EX_OK


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
