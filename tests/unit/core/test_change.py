"""Change detection."""

from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.change import Cusum


def run(*excesses: float, fades: bool = False) -> float:
    """Add these and return the sum."""
    found = Cusum()
    for excess in excesses:
        found = found.add(excess, 100, fades=fades)
    return found.total


def test_a_jump_and_a_ramp_add_up() -> None:
    """Ten times five are as much as once fifty."""
    assert [run(50), run(*[5] * 10)] == [50.0, 50.0]


def test_less_than_usual_takes_off() -> None:
    """Never below nothing: calm is no credit."""
    assert [run(50, -20), run(10, -30), run(*[-9] * 100, 5)] == [30.0, 0.0, 5.0]


def test_bursts_fade() -> None:
    """Single bursts with calm between them never reach twice a burst."""
    assert run(*[10, 0] * 50, 10, fades=True) < 20


@given(st.lists(st.floats(-1e9, 1e9)), st.booleans())
def test_the_sum_is_bounded(excesses: list[float], fades: bool) -> None:  # noqa: FBT001 # drawn
    """So that it falls soon when the cause is gone."""
    assert 0 <= run(*excesses, fades=fades) <= 100
