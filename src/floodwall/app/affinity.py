"""Keeps the daemon off the CPUs that receive a flood.

A second of work beside the thread that empties a receive queue makes that queue overflow, and the
SYN of a client is lost with the others: it is sent again after a second.
"""

import contextlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from floodwall.core.model import SECOND_NS

BUSY_PPS: Final = 10_000.0
"""Packets a second on one CPU below which nobody needs to make room."""

KEEP_NS: Final = 60 * SECOND_NS
"""So long after the last sign the daemon goes everywhere again."""

_TASKS: Final = Path("/proc/self/task")


def crowded(grown: Sequence[int], elapsed_s: float) -> frozenset[int]:
    """Return the CPUs that received at least half of what the busiest one did, if that was much."""
    rates = [count / max(elapsed_s, 0.001) for count in grown]
    limit = max(BUSY_PPS, max(rates, default=0.0) / 2)
    return frozenset(cpu for cpu, rate in enumerate(rates) if rate >= limit)


class Affinity:
    """Where all threads of this process may run; what was there before comes back with `end`."""

    def __init__(self) -> None:
        self._home = frozenset(os.sched_getaffinity(0))
        self._now = self._home
        self._packets: Sequence[int] = ()
        self._seen_ns = 0
        self._avoided: frozenset[int] = frozenset()
        self._until_ns = 0

    def follow(self, now_ns: int, packets: Sequence[int]) -> Iterator[str]:
        """Take the packets that each CPU received so far; yield what the operator should know."""
        elapsed_s = (now_ns - self._seen_ns) / SECOND_NS
        before, self._packets, self._seen_ns = self._packets, packets, now_ns
        if before:
            pairs = zip(packets, before, strict=True)
            if found := crowded([max(0, after - old) for after, old in pairs], elapsed_s):
                self._avoided, self._until_ns = found, now_ns + KEEP_NS
        if now_ns >= self._until_ns:
            self._avoided = frozenset()
        wanted = self._home - self._avoided or self._home
        if wanted == self._now:
            return
        self._move(wanted)
        if wanted != self._home:
            away = ", ".join(map(str, sorted(self._home - wanted)))
            yield f"stays off CPU {away}: it receives the packets"

    def end(self) -> None:
        """Go everywhere again."""
        if self._now != self._home:
            self._move(self._home)

    def _move(self, cpus: frozenset[int]) -> None:
        self._now = cpus
        for task in _TASKS.iterdir():
            # A thread may end meanwhile, and a sandbox may forbid it: then nothing is lost.
            with contextlib.suppress(OSError):
                os.sched_setaffinity(int(task.name), cpus)
