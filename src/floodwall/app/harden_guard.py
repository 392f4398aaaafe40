"""The guard of a trial of `floodwall harden`: takes it back in time, whoever is gone by then.

It is a process of its own in a session of its own: the loss of the SSH session that said
`--confirm` does not end it.
"""

import contextlib
import sys
import time
from pathlib import Path

from floodwall.app.hardening import Hardening
from floodwall.app.trial_guard import READY, start_guard

_POLL_S = 0.1
_MODULE = "floodwall.app.harden_guard"


def guard_trial(deadline_ns: int, root: Path) -> int:
    """Start the guard, and return its process id as soon as it watches."""
    return start_guard(deadline_ns, str(root), module=_MODULE)


def watch(hardening: Hardening, deadline_ns: int) -> bool:
    """Wait for the end of the trial; return whether it had to be taken back.

    `deadline_ns` is CLOCK_MONOTONIC.
    """
    while time.monotonic_ns() < deadline_ns:
        time.sleep(_POLL_S)
        # Before it began there is nothing to see either: then the deadline decides.
        if hardening.trial_deadline_ns() not in {None, deadline_ns}:
            return False
    with hardening.locked(wait=True):
        if hardening.trial_deadline_ns() != deadline_ns:
            return False
        for _ in hardening.end_trial():
            pass  # each sentence is in the journal
    return True


def main() -> None:
    """Watch over the trial that the arguments name."""
    deadline_ns, root = int(sys.argv[1]), Path(sys.argv[2])
    sys.stdout.buffer.write(READY)
    sys.stdout.flush()
    with contextlib.suppress(BrokenPipeError):
        watch(Hardening(root), deadline_ns)


if __name__ == "__main__":
    main()
