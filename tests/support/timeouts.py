"""A time limit on a piece of a test, by the alarm clock of the process."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType


class TestTimeoutError(Exception):
    """The test took longer than it may."""

    __test__ = False


@contextlib.contextmanager
def limit(seconds: float, what: str) -> Iterator[None]:
    """Raise `TestTimeoutError` in the main thread if the block takes longer than `seconds`."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TestTimeoutError(f"{what} took longer than {seconds:g} s")

    previous = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
