"""One poller for all viewers, and what each second is sent to them.

Law: a viewer that does not read keeps nobody waiting and nothing in memory: it gets the newest
second when it reads again, and is hung up on if that takes too long.
"""

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Callable, Iterable
from typing import Any

import msgspec

from floodwall.console.feed import Feed, History, Link, Snapshot

VIEWERS_MAX = 256
"""Streams at once."""

BEHIND_NS = 60_000_000
"""So long after the daemon has looked it is asked: it has written and acted by then."""

SHORTEST_S, LONGEST_S = 0.1, 1.0
_TICK_NS = 10**9


class FullError(Exception):
    """Nobody else can look at present."""


class Hub:
    """Polls, remembers the last minutes, and wakes who is looking."""

    def __init__(self, feed: Feed, clock_ns: Callable[[], int] = time.monotonic_ns) -> None:
        """Take what asks the daemon, and the clock that the daemon goes by."""
        self._feed = feed
        self._clock_ns = clock_ns
        self.history = History()
        self.viewers = 0
        self._number = 0
        self._news = b""
        self._changed = asyncio.Condition()
        self._lock = threading.Lock()
        self._closed = False

    @property
    def snapshot(self) -> Snapshot:
        """Return what is known."""
        return self._feed.last

    async def run(self) -> None:
        """Poll for ever."""
        while True:
            await self.poll()
            await asyncio.sleep(self._pause_s())

    async def poll(self) -> None:
        """Ask once, and tell everybody."""
        snapshot = await asyncio.to_thread(self._ask)
        self.history.take(snapshot)
        self._number += 1
        self._news = _event(self._number, snapshot)
        async with self._changed:
            self._changed.notify_all()

    async def watch(self) -> AsyncGenerator[bytes]:
        """Yield this second and each that follows, skipping those that nobody waited for."""
        if self.viewers >= VIEWERS_MAX:
            raise FullError
        self.viewers += 1
        seen = 0
        try:
            while True:
                async with self._changed:
                    while self._number == seen:
                        await self._changed.wait()
                seen = self._number
                yield self._news
        finally:
            self.viewers -= 1

    def close(self) -> None:
        """Hang up, when nobody polls any more; waits for a poll that is under way."""
        with self._lock:
            self._closed = True
            self._feed.close()

    def _ask(self) -> Snapshot:
        with self._lock:
            return self._feed.last if self._closed else self._feed.poll()

    def _pause_s(self) -> float:
        """Wait for the next tick of the daemon, and not for one of ours."""
        snapshot = self._feed.last
        if snapshot.link is not Link.LIVE or snapshot.live is None:
            return LONGEST_S
        due_ns = snapshot.live.at_ns + _TICK_NS + BEHIND_NS
        return min(max((due_ns - self._clock_ns()) / 10**9, SHORTEST_S), LONGEST_S)


def document(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot as JSON takes it."""
    told: dict[str, Any] = msgspec.to_builtins(snapshot)
    told["verbs"] = sorted(told["verbs"])
    return told


def columns(history: History, name: str) -> dict[str, Any]:
    """Return the last minutes of a service, or of the machine, one list for each fact."""
    points = history.of(name)
    keys: Iterable[str] = dict.fromkeys(key for point in points for key in point.values)
    return {
        "wall_s": [point.wall_s for point in points],
        "values": {key: [point.values.get(key) for point in points] for key in keys},
    }


def _event(number: int, snapshot: Snapshot) -> bytes:
    return b"id: %d\ndata: %s\n\n" % (number, msgspec.json.encode(document(snapshot)))
