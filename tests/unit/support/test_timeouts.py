"""The alarm clock of the tests rings, and only then."""

import select
import signal

import pytest

from tests.support import timeouts


def test_a_block_that_takes_too_long_is_stopped() -> None:
    """Even inside a call that waits for ever."""
    stopped = pytest.raises(timeouts.TestTimeoutError, match=r"nap took longer than 0\.05 s")
    with stopped, timeouts.limit(0.05, "nap"):
        select.select([], [], [], 10)


def test_the_alarm_is_off_afterwards() -> None:
    """The next test starts with a clean clock."""
    before = signal.getsignal(signal.SIGALRM)
    with timeouts.limit(10, "nothing"):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getsignal(signal.SIGALRM) is before
