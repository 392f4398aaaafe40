"""The console beside a daemon: a process of its own, whose end the daemon does not notice."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from floodwall.cli.extra import require_extra

PATIENCE_S = 5.0
"""So long it may take to end."""


def command_line(*, as_json: bool) -> list[str]:
    """Return how the console is started: as this program was."""
    isolated = ["-I"] if sys.flags.isolated else []
    return [sys.executable, *isolated, "-m", "floodwall", "console", *(["--json"] * as_json)]


@contextmanager
def console_beside(*, wanted: bool, as_json: bool) -> Iterator[None]:
    """Run a console for as long as a block runs, if it is wanted.

    It has a session of its own: Ctrl-C is for the daemon, which ends it.  A daemon that is killed
    leaves it, and it shows that the daemon is gone.
    """
    if not wanted:
        yield
        return
    require_extra("starlette", "uvicorn")
    command = command_line(as_json=as_json)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as process:
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
