"""Signals as events of the loop."""

import os
import selectors
import signal
import threading
import time

from floodwall.app.signals import HeldSignals

USED = frozenset({signal.SIGUSR1, signal.SIGUSR2})


def to_us(number: signal.Signals) -> None:
    """Send a signal to this very thread: one to the process may go to a thread of another test."""
    signal.pthread_kill(threading.get_ident(), number)


def test_they_wake_the_loop_and_are_told() -> None:
    """Also those that came before it waited."""
    with selectors.DefaultSelector() as selector, HeldSignals(USED) as held:
        held.register(selector)
        to_us(signal.SIGUSR1)
        assert list(held.taken()) == []  # kept back
        began = time.monotonic()
        assert held.wait(selector, 5 * 10**9) == []

        assert time.monotonic() - began < 1
        assert list(held.taken()) == [signal.SIGUSR1]
        assert list(held.taken()) == []


def test_without_one_the_wait_ends() -> None:
    """At its time, and other descriptors are told."""
    read, write = os.pipe()
    try:
        with selectors.DefaultSelector() as selector, HeldSignals(USED) as held:
            held.register(selector)
            selector.register(read, selectors.EVENT_READ)
            assert held.wait(selector, 10**7) == []
            os.write(write, b"x")
            assert [key.fd for key, _ in held.wait(selector, 5 * 10**9)] == [read]
            assert held.wait(selector, -5) != []
    finally:
        os.close(read)
        os.close(write)


def test_afterwards_all_is_as_before() -> None:
    """Handlers, mask and wake-up descriptor."""
    before = signal.getsignal(signal.SIGUSR1), signal.pthread_sigmask(signal.SIG_BLOCK, [])
    with HeldSignals(USED):
        assert signal.pthread_sigmask(signal.SIG_BLOCK, []) >= USED
        to_us(signal.SIGUSR2)  # comes too late to be obeyed

    assert (
        signal.getsignal(signal.SIGUSR1),
        signal.pthread_sigmask(signal.SIG_BLOCK, []),
    ) == before
    assert signal.set_wakeup_fd(-1) == -1
