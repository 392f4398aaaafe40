"""What is closed when its `with` block ends."""

import pytest

from floodwall.kernel.closing import Closing


class Held(Closing):
    """Counts how often it was closed."""

    closed = 0

    def close(self) -> None:
        """Count it."""
        self.closed += 1


def test_the_end_of_the_block_closes_it() -> None:
    """Once, and the block had the object itself."""
    held = Held()
    with held as same:
        assert same is held
        assert held.closed == 0
    assert held.closed == 1


def test_so_does_a_failure_which_goes_on() -> None:
    """Nothing is swallowed."""
    held = Held()
    with pytest.raises(ValueError, match="lost"), held:
        raise ValueError("lost")
    assert held.closed == 1
