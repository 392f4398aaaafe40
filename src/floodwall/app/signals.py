"""Signals as events of the loop: they wake it, and interrupt nothing else.

Law: outside `wait` signals are kept back, so that no step is ever half done.
"""

import os
import selectors
import signal
from collections.abc import Iterable, Iterator
from types import FrameType, TracebackType
from typing import Self

from floodwall.core.model import SECOND_NS


class HeldSignals:
    """Keeps some signals back until the loop waits, then tells which ones came."""

    def __init__(self, numbers: Iterable[signal.Signals]) -> None:
        self._numbers = frozenset(numbers)
        self._mask: set[int] = set()
        self._handlers: dict[signal.Signals, object] = {}
        self._wakeup = -1
        self._read, self._write = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)

    def __enter__(self) -> Self:
        """Begin to keep them back."""
        self._mask = set(signal.pthread_sigmask(signal.SIG_BLOCK, self._numbers))
        self._handlers = {each: signal.signal(each, _note) for each in self._numbers}
        self._wakeup = signal.set_wakeup_fd(self._write, warn_on_full_buffer=False)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Handle them as before; what came too late is obeyed by nobody."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self._numbers - self._mask)
        signal.set_wakeup_fd(self._wakeup)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]  # as signal() returned it
        os.close(self._read)
        os.close(self._write)

    def register(self, selector: selectors.BaseSelector) -> None:
        """Let a selector wake up by a signal."""
        selector.register(self._read, selectors.EVENT_READ)

    def wait(
        self, selector: selectors.BaseSelector, timeout_ns: int
    ) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait for events at most so long; signals come through here only."""
        signal.pthread_sigmask(signal.SIG_UNBLOCK, self._numbers)
        try:
            ready = selector.select(max(0, timeout_ns) / SECOND_NS)
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, self._numbers)
        return [(key, events) for key, events in ready if key.fd != self._read]

    def taken(self) -> Iterator[signal.Signals]:
        """Yield the signals that came since the last time."""
        while True:
            try:
                numbers = os.read(self._read, 64)
            except BlockingIOError:
                return
            yield from (signal.Signals(number) for number in numbers)


def _note(number: int, frame: FrameType | None) -> None:
    """Do nothing: the interpreter has written the number into the pipe already."""
