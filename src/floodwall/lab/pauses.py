"""When the machine itself stood still: a hypervisor that takes a CPU away loses clients' packets.

A watcher with the highest priority sleeps in short steps on the server's CPU.  Nothing of the lab
can keep it waiting, so what wakes it late is the machine.
"""

import time
from dataclasses import dataclass

STEP_NS = 2_000_000
LATE_NS = 500_000
"""Ten times as long as 5 M packets/s need to fill a receive queue of 256 slots."""


@dataclass(frozen=True, slots=True)
class PauseOrder:
    """What the process that watches a CPU is told; times count from its start, ns."""

    start_ns: int
    stop_ns: int
    cpu: int


@dataclass(frozen=True, slots=True)
class Pauses:
    """How often a CPU stood still for longer than `LATE_NS`, and for how long, in ms."""

    count: int
    total_ms: float
    worst_ms: float


def watch(start_ns: int, stop_ns: int) -> Pauses:
    """Wake every `STEP_NS` between two monotonic times, and note how late that was."""
    late = []
    due = start_ns
    while due < stop_ns:
        time.sleep(max(due - time.monotonic_ns(), 0) / 1e9)
        now = time.monotonic_ns()
        late.append(now - due)
        due = max(due, now) + STEP_NS
    return sum_up(late)


def sum_up(late_ns: list[int]) -> Pauses:
    """Tell pauses from what every wake-up takes."""
    long = [one / 1e6 for one in late_ns if one > LATE_NS]
    return Pauses(len(long), sum(long), max(long, default=0.0))
