"""Files requests with the daemon, in the name of whoever is logged in.

Law: the loop never waits for the daemon: a few threads do, and who comes when all are busy waits
in a line of bounded length.
"""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

from floodwall.app.client import Client, merged
from floodwall.core.errors import FloodwallError

AT_ONCE = 4
"""Requests that the daemon is asked at the same time: a viewer has 8 connections."""

WAITING_MAX = 64


class BusyError(FloodwallError):
    """Too many ask at once."""


class Asker:
    """Asks the daemon; a connection for each question."""

    def __init__(self, connect: Callable[[], Client]) -> None:
        """Take what connects to the daemon."""
        self._connect = connect
        self._room = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def ask(self, who: str, verb: str, **arguments: Any) -> dict[str, Any]:
        """Ask for somebody; raises what the daemon refuses with."""
        return await self.run(lambda client: client.ask(verb, **arguments), who)

    async def pages(self, who: str, verb: str, rows: str, **arguments: Any) -> dict[str, Any]:
        """Ask for all pages of a list."""
        return await self.run(
            lambda client: merged(client.pages(verb, rows, **arguments), rows), who
        )

    async def run(self, do: Callable[[Client], dict[str, Any]], who: str) -> dict[str, Any]:
        """Do something with a connection, in a thread."""

        def doing() -> dict[str, Any]:
            with self._connect() as client:
                client.by = who
                return do(client)

        if self._waiting >= WAITING_MAX:
            raise BusyError("too many requests at once", hint="try again in a moment")
        self._waiting += 1
        try:
            async with self._room:
                return await asyncio.to_thread(doing)
        finally:
            self._waiting -= 1


class Cached:
    """What takes seconds to find out: found out once for everybody, and again after a while."""

    def __init__(
        self,
        find: Callable[[], dict[str, Any]],
        lasts_s: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._lasts_s = lasts_s
        self._clock = clock
        self._lock = threading.Lock()
        self._found: dict[str, Any] | None = None
        self._at_s = 0.0

    def get(self) -> dict[str, Any]:
        """Return it, from before or new; called in a thread."""
        with self._lock:
            if self._found is None or self._clock() - self._at_s > self._lasts_s:
                self._found = self._find()
                self._at_s = self._clock()
            return self._found
