"""When the machine itself stood still."""

import time

import pytest

from floodwall.lab import pauses
from floodwall.lab.pauses import LATE_NS, STEP_NS, Pauses


def test_what_every_wake_up_takes_is_no_pause() -> None:
    """Only what is longer than the limit."""
    found = pauses.sum_up([40_000, LATE_NS, LATE_NS + 1_000_000, 9_500_000])

    assert found == Pauses(2, 11.0, 9.5)
    assert pauses.sum_up([]) == Pauses(0, 0.0, 0.0)


def test_each_pause_is_found_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that jumps while we sleep is a machine that stood still."""
    clock = [1_000_000_000]
    jumps = iter([30_000_000, 0, 0, 7_000_000])

    def sleep(seconds: float) -> None:
        clock[0] += round(seconds * 1e9) + next(jumps, 0)

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic_ns", lambda: clock[0])
    found = pauses.watch(1_010_000_000, 1_010_000_000 + 40 * STEP_NS)

    assert found.count == 2
    assert found.worst_ms == pytest.approx(30.0, abs=0.001)
    assert found.total_ms == pytest.approx(37.0, abs=0.001)
