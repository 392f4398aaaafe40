"""Child processes of the lab: they take one order, give one report, and die with their parent."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from floodwall.core.errors import KernelError
from floodwall.lab.namespace import Namespace

Report = TypeVar("Report")
Order = TypeVar("Order")

_PR_SET_PDEATHSIG = 1
_AHEAD = -20  # a nice value
_CLIENT_PRIORITY = 1  # of SCHED_FIFO, sched(7)
_READY = b"ready\n"
_libc = ctypes.CDLL(None, use_errno=True)


class Worker(Generic[Report]):
    """A module of the lab that runs in a namespace as a process of its own."""

    def __init__(
        self, module: str, namespace: Namespace, order: object, kind: type[Report]
    ) -> None:
        """Start `python -m MODULE` inside and hand it its order."""
        self._module = module
        self._kind = kind
        self._process = subprocess.Popen(
            namespace.command([sys.executable, "-I", "-m", module]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._tell(msgspec.json.encode(order))

    @property
    def pid(self) -> int:
        """The process id, for what is measured or counted by process."""
        return self._process.pid

    def wait_ready(self) -> None:
        """Wait until it says that it has checked its order and is prepared."""
        assert self._process.stdout is not None  # noqa: S101 # asked for in __init__
        if self._process.stdout.readline() != _READY:
            raise self._failure(self._process.communicate()[1])

    def go(self, base_ns: int) -> None:
        """Let it begin: the times of its order count from this monotonic time."""
        self._tell(b"%d" % base_ns)

    def report(self, timeout_s: float) -> Report:
        """Wait for its end and return what it found."""
        try:
            out, said = self._process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired as error:
            raise KernelError(f"{self._module} did not end within {timeout_s:.0f} s") from error
        if self._process.returncode:
            raise self._failure(said)
        return msgspec.json.decode(out, type=self._kind)

    def stop(self) -> None:
        """End it now, if it still runs, and let go of its pipes."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def _tell(self, line: bytes) -> None:
        assert self._process.stdin is not None  # noqa: S101 # asked for in __init__
        with suppress(BrokenPipeError):  # why it ended is told by wait_ready() or report()
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()

    def _failure(self, said: bytes) -> KernelError:
        last = said.decode(errors="replace").strip().splitlines()[-1:]
        return KernelError(f"{self._module} failed: {' '.join(last) or 'it said nothing'}")


def take_order(kind: type[Order]) -> Order:
    """In a worker: make sure to die with the parent, and read the order from the input."""
    die_with_parent(signal.SIGKILL)
    return msgspec.json.decode(sys.stdin.buffer.readline(), type=kind)


def wait_go() -> int:
    """In a worker: say that all is prepared, and return the time from which the order counts."""
    sys.stdout.buffer.write(_READY)
    sys.stdout.buffer.flush()
    return int(sys.stdin.buffer.readline())


def give_report(report: object) -> None:
    """In a worker: write the report; nothing else may go to the output."""
    sys.stdout.buffer.write(msgspec.json.encode(report))
    sys.stdout.buffer.flush()


def die_with_parent(number: signal.Signals) -> None:
    """Have the kernel send a signal to this process when its parent dies (prctl(2))."""
    _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def stop_at(deadline_ns: int) -> None:
    """Have the kernel end this process at a monotonic time, whatever it is doing."""
    left = max(deadline_ns - time.monotonic_ns(), 1) / 1e9
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, left)


def be_the_server(cpu: int) -> None:
    """Settle this process on the server's CPU, ahead of what else the machine does."""
    _settle(cpu, 0)


def be_a_client(cpu: int) -> None:
    """Run whenever there is something to do: clients are other machines than the attacker."""
    os.sched_setaffinity(0, {cpu})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_CLIENT_PRIORITY))


def be_the_watcher(cpu: int) -> None:
    """Wait for nothing that the lab does: what delays this process is the machine."""
    os.sched_setaffinity(0, {cpu})
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(_CLIENT_PRIORITY + 2))


def be_the_attacker(cpu: int) -> None:
    """Settle this process where clients go first."""
    _settle(cpu, 0)


def go_first(thread: int) -> None:
    """Let a thread of the kernel wait for nobody: neither for the attacker nor for clients."""
    os.sched_setscheduler(thread, os.SCHED_FIFO, os.sched_param(_CLIENT_PRIORITY + 1))


def prefer(thread: int) -> None:
    """Put a thread of the kernel ahead of what else the machine does, beside the server."""
    os.setpriority(os.PRIO_PROCESS, thread, _AHEAD)


def _settle(cpu: int, nice: int) -> None:
    os.sched_setaffinity(0, {cpu})
    os.setsid()  # a scheduling group of its own, sched(7)
    os.setpriority(os.PRIO_PROCESS, 0, nice)
    with suppress(OSError):  # a kernel without autogroups needs none
        Path("/proc/self/autogroup").write_text(str(nice))
