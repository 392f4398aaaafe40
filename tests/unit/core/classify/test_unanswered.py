"""SYNs that nobody answered."""

from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.classify.flow import Flow
from floodwall.core.classify.unanswered import (
    JUMP_LEAST,
    JUMP_MOST,
    Sums,
    late_rate,
    missing_rate,
    strict_count,
)

Comers = st.lists(st.tuples(st.integers(0, 10**6), st.floats(0, 1)), min_size=2, max_size=20)


def flows(*seconds: tuple[int, int]) -> tuple[Flow, ...]:
    """Make flows of SYNs that came and handshakes that were completed."""
    return tuple(Flow(1.0, asked, asked, completed=done) for asked, done in seconds)


@given(Comers)
def test_whoever_answers_within_a_second_is_never_certainly_missing(
    comers: list[tuple[int, float]],
) -> None:
    """Even if all of a second's SYNs come in its last moment."""
    late = 0
    past: tuple[Flow, ...] = ()
    for count, far in comers:
        on_the_way = round(count * far)
        past = (*past, *flows((count, count - on_the_way + late)))
        late = on_the_way

        assert len(past) < 2 or strict_count(past, full=False) == 0


def test_a_pulse_is_certain_in_the_second_after_it() -> None:
    """A hundred clients hide a hundred of its SYNs, and no more."""
    assert strict_count(flows((200_100, 100), (100, 100)), full=False) == 199_900


def test_two_seconds_show_what_is_less_than_the_clients() -> None:
    """Sixty a second among a hundred clients: hidden in one second, not in two."""
    assert strict_count(flows((160, 100), (160, 100)), full=False) == 0
    assert strict_count(flows((160, 100), (160, 100), (160, 100)), full=False) == 20


def test_rates_are_by_time() -> None:
    """Ticks are not always a second apart."""
    before, now = Flow(0.5, 50, 50, completed=50), Flow(2.0, 300, 300, completed=200)

    assert (missing_rate(now, full=False), late_rate(now, before, full=False)) == (50.0, 0.0)


def test_a_full_accept_queue_leaves_only_the_cookies() -> None:
    """Whoever returned one is real, though the stack completed nothing."""
    flow = Flow(1.0, 100, passed=20, challenged=80, proven=75)

    assert (missing_rate(flow, full=False), missing_rate(flow, full=True)) == (25.0, 5.0)


def summed(count: int, missing: float, low: int = 63, high: int = 255) -> Sums:
    """Add seconds with a hundred clients."""
    sums = Sums()
    for _ in range(count):
        flow = Flow(1.0, 100, 100, completed=100)
        sums = sums.add(flow, missing, 0.05, (low, high), 63.0)
    return sums


def test_what_is_usual_adds_nothing() -> None:
    """Five of a hundred, and half of what would ever fill the queue."""
    sums = summed(1000, 7.0)

    assert (sums.jump.total, sums.over) == (0.0, 0)
    assert sums.slow.total < 1


def test_a_jump_shows_in_two_seconds() -> None:
    """And stays, as long as it lasts."""
    assert [summed(count, 150.0).over for count in (0, 1, 2, 9)] == [0, 1, 2, 9]


def test_a_little_more_than_usual_shows_in_time() -> None:
    """Nine a second where seven are usual: the slow sum has it after some minutes."""
    assert summed(60, 9.0).over == 0
    assert summed(400, 9.0).over > 0


def test_limits_follow_the_queue() -> None:
    """Within bounds, and never within chance."""
    quiet = Flow(1.0, 1, 1, completed=1)
    limits = [Sums().add(quiet, 0, 0.05, (low, 9), 63.0).jump_limit for low in (1, 32, 512)]
    busy = Sums().add(Flow(1.0, 10**6, 10**6), 0, 0.05, (1, 9), 63.0)

    assert limits == [JUMP_LEAST, 32, JUMP_MOST]
    assert busy.jump_limit > 8 * 200
