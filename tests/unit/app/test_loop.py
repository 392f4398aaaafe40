"""The one loop of the daemon."""

import os
import selectors
import signal
import time
from dataclasses import dataclass, field

import pytest

from floodwall.app import loop as module
from floodwall.app.loop import Loop
from floodwall.app.signals import HeldSignals


@dataclass
class Busy:
    """A server whose descriptor is always ready."""

    fd: int
    served: int = 0
    tended: list[int] = field(default_factory=list)

    def serve(self, fd: int, now_ns: int) -> bool:
        """Take no notice, so that it stays ready."""
        assert now_ns
        self.served += 1
        return fd == self.fd

    def tend(self, now_ns: int) -> int | None:
        """Want to be called soon."""
        self.tended.append(now_ns)
        return now_ns + 1000


def test_a_busy_server_does_not_delay_the_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    """However much there is to serve, a tick comes at its time."""
    monkeypatch.setattr(module, "TICK_NS", 50_000_000)
    ticks: list[int] = []
    read, write = os.pipe()
    os.write(write, b"x")
    try:
        with selectors.DefaultSelector() as selector, HeldSignals({signal.SIGUSR1}) as held:

            def tick(now_ns: int) -> None:
                ticks.append(now_ns)
                if len(ticks) == 5:
                    loop.stop()

            loop = Loop(held, selector, tick, lambda _: None)
            busy = Busy(read)
            selector.register(read, selectors.EVENT_READ)
            loop.add(busy)
            loop.run()
    finally:
        os.close(read)
        os.close(write)

    assert len(ticks) == 5
    assert busy.served > 5
    assert ticks[-1] - ticks[0] < 2_000_000_000


def test_a_signal_is_obeyed_between_ticks() -> None:
    """At once, not with the next second."""
    began = time.monotonic()
    obeyed: list[int] = []
    with selectors.DefaultSelector() as selector, HeldSignals({signal.SIGUSR1}) as held:

        def obey(number: signal.Signals) -> None:
            obeyed.append(number)
            loop.stop()

        loop = Loop(held, selector, lambda _: os.kill(os.getpid(), signal.SIGUSR1), obey)
        loop.run()

    assert obeyed == [signal.SIGUSR1]
    assert time.monotonic() - began < 0.9


def test_it_stops_before_the_next_tick() -> None:
    """A server may stop it, too."""
    ticks: list[int] = []
    with selectors.DefaultSelector() as selector, HeldSignals({signal.SIGUSR1}) as held:

        class Stopper(Busy):
            def tend(self, now_ns: int) -> int | None:
                loop.stop()
                return now_ns

        loop = Loop(held, selector, ticks.append, lambda _: None)
        loop.add(Stopper(-1))
        loop.run()

    assert len(ticks) == 1
