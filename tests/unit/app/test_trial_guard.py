"""How the guard of a trial is started."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from floodwall.app.trial_guard import start_guard
from floodwall.core.errors import KernelError


@pytest.mark.slow
def test_it_watches_when_we_go_on() -> None:
    """In a session of its own, whatever the terminal does; without a trial it leaves."""
    pid = start_guard(time.monotonic_ns() + 10**9)
    try:
        assert os.getsid(pid) == pid
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes()
        assert b"floodwall.app.guard" in arguments
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
            os.kill(pid, number)
        time.sleep(0.1)
        assert os.waitpid(pid, os.WNOHANG) == (0, 0)
    finally:
        # It leaves by itself when the time of a trial that never began is over.
        assert os.waitpid(pid, 0) == (pid, 0)


def test_one_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is put on trial."""
    real = subprocess.Popen

    def broken(command: list[str], **options: Any) -> object:
        assert command[0] == sys.executable
        return real([sys.executable, "-c", "raise SystemExit(1)"], **options)

    monkeypatch.setattr(subprocess, "Popen", broken)
    with pytest.raises(KernelError, match="cannot be started"):
        start_guard(0)
