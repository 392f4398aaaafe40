"""The one loop of the daemon: a tick a second, and between two ticks signals and requests.

Law: nothing here waits without an end, and a tick that is due comes before everything else.
"""

import selectors
import signal
import time
from collections.abc import Callable
from typing import Protocol

from floodwall.app.signals import HeldSignals
from floodwall.core.model import SECOND_NS

TICK_NS = SECOND_NS
"""From one tick to the next."""


class Server(Protocol):
    """Somebody who is served between two ticks."""

    def serve(self, fd: int, now_ns: int) -> bool:
        """Serve a descriptor that is ready; return False if it is none of theirs."""

    def tend(self, now_ns: int) -> int | None:
        """Do what is due; return when to come again."""


class Loop:
    """Calls `tick` once a second, and servers and `obey` as soon as there is something."""

    def __init__(
        self,
        signals: HeldSignals,
        selector: selectors.BaseSelector,
        tick: Callable[[int], None],
        obey: Callable[[signal.Signals], None],
    ) -> None:
        self._signals = signals
        self._selector = selector
        self._tick = tick
        self._obey = obey
        self._servers: list[Server] = []
        self._stopped = False
        signals.register(selector)

    def add(self, server: Server) -> None:
        """Serve somebody else, too."""
        self._servers.append(server)

    def stop(self) -> None:
        """Let the loop end before the next tick."""
        self._stopped = True

    def run(self) -> None:
        """Tick and serve until it is stopped."""
        due_ns = time.monotonic_ns()
        while not self._stopped:
            now_ns = time.monotonic_ns()
            if now_ns >= due_ns:
                self._tick(now_ns)
                # A tick that took too long is not made up for: the next one is a second away.
                due_ns = max(due_ns + TICK_NS, time.monotonic_ns())
            self._serve(due_ns)

    def _serve(self, due_ns: int) -> None:
        """Wait until something happens or is due, and do each thing that is ready once."""
        now_ns = time.monotonic_ns()
        times = [server.tend(now_ns) for server in self._servers]
        next_ns = min([due_ns, *(each for each in times if each is not None)])
        if self._stopped:
            return
        for key, _ in self._signals.wait(self._selector, next_ns - now_ns):
            now_ns = time.monotonic_ns()
            any(server.serve(key.fd, now_ns) for server in self._servers)
        for number in self._signals.taken():
            self._obey(number)
