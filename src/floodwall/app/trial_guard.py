"""Starts the guard of a trial, and is light: who starts it need not know what it does."""

import select
import subprocess
import sys

from floodwall.core.errors import KernelError

READY = b"ready\n"
"""What a guard says once it watches."""

_READY_S = 10.0


def start_guard(deadline_ns: int, *more: str, module: str = "floodwall.app.guard") -> int:
    """Start the guard of a trial, and return its process id as soon as it watches."""
    process = subprocess.Popen(
        [sys.executable, "-I", "-m", module, str(deadline_ns), *more],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd="/",
        start_new_session=True,
    )
    if not _is_ready(process):
        process.kill()
        process.wait()
        raise KernelError("the guard of a trial cannot be started", hint="nothing was applied")
    # It outlives us on purpose: nobody here waits for it.
    process.returncode = 0
    return process.pid


def _is_ready(process: subprocess.Popen[bytes]) -> bool:
    if process.stdout is None:
        return False
    with process.stdout as said:
        ready, _, _ = select.select([said], [], [], _READY_S)
        return bool(ready) and said.readline() == READY
