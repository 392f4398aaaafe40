"""One daemon in a network namespace: its lock, who holds it, and how it is asked to stop."""

import os
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from floodwall.core.errors import ConfigError
from floodwall.kernel.filelock import FileLock, is_locked

_FILE = "daemon.lock"
_TRIES, _MOMENT_S = 10, 0.02
_STOPPED = frozenset("TtZX")
_START_TIME = 19
"""Place of field 22 of /proc/PID/stat behind the command name, proc(5)."""


@dataclass(frozen=True, slots=True)
class Instance:
    """A daemon that runs."""

    pid: int
    started: int
    """Start of the process in clock ticks since boot: a reused pid has another one."""

    def is_alive(self) -> bool:
        """Tell whether it is still the same process."""
        return _start_time(self.pid) == self.started

    def is_stopped(self) -> bool:
        """Tell whether it was stopped, as by SIGSTOP or a debugger, or is a zombie."""
        try:
            stat = Path(f"/proc/{self.pid}/stat").read_text()
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] in _STOPPED

    def stop(self, patience_s: float) -> bool:
        """Ask it to stop, and wait; return whether it is gone."""
        return self._signal(signal.SIGTERM, patience_s)

    def kill(self, patience_s: float) -> bool:
        """End it; return whether it is gone."""
        return self._signal(signal.SIGKILL, patience_s)

    def _signal(self, number: signal.Signals, patience_s: float) -> bool:
        try:
            # A descriptor names the process itself, whoever gets its number later.
            fd = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return True
        try:
            if not self.is_alive():
                return True
            signal.pidfd_send_signal(fd, number)
            ready, _, _ = select.select([fd], [], [], patience_s)
            return bool(ready)
        except ProcessLookupError:
            return True
        finally:
            os.close(fd)


def claim(run: Path) -> FileLock:
    """Become the daemon of this network namespace, or raise ConfigError naming the other one."""
    lock = FileLock(run / _FILE)
    for _ in range(_TRIES):
        if lock.acquire(wait=False):
            break
        other = _read(run)
        if other is None or other.pid == os.getpid() or not other.is_alive():
            # Somebody who only asks whether a daemon runs holds the lock for a moment.
            time.sleep(_MOMENT_S)
            continue
        raise _already_runs(f" (pid {other.pid})")
    else:
        raise _already_runs("")
    lock.write(f"{os.getpid()} {_start_time(os.getpid())}\n")
    return lock


def _already_runs(who: str) -> ConfigError:
    return ConfigError(
        f"Floodwall already runs in this network namespace{who}",
        hint="'floodwall status' shows it, 'floodwall off' ends it",
    )


def running(run: Path) -> Instance | None:
    """Return the daemon of this network namespace, if one runs."""
    if not is_locked(run / _FILE):
        return None
    instance = _read(run)
    return instance if instance and instance.is_alive() else None


def _read(run: Path) -> Instance | None:
    try:
        pid, started = (run / _FILE).read_text().split()
        return Instance(int(pid), int(started))
    except (OSError, ValueError):
        return None


def _start_time(pid: int) -> int:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    return int(stat.rpartition(")")[2].split()[_START_TIME])
