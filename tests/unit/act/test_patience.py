"""Healing the same thing over and over has an end."""

from floodwall.act.patience import HEALS, WINDOW_NS, Patience

THING, OTHER = "a rule", "another rule"


def test_an_object_is_healed_three_times_and_then_left() -> None:
    """Others are not concerned, and it is news once."""
    patience = Patience()
    for number in range(HEALS):
        assert not patience.is_left(THING, number)
        patience.healed(THING, number)

    assert patience.is_left(THING, HEALS)
    assert not patience.is_left(OTHER, HEALS)
    assert [patience.is_news(THING) for _ in range(2)] == [True, False]


def test_it_is_healed_again_after_a_while() -> None:
    """Whoever changed it may have stopped."""
    patience = Patience()
    for _ in range(HEALS):
        patience.healed(THING, 7)

    assert patience.is_left(THING, 7 + WINDOW_NS - 1)
    assert not patience.is_left(THING, 7 + WINDOW_NS)
    patience.healed(THING, 7 + WINDOW_NS)
    assert not patience.is_left(THING, 7 + WINDOW_NS)


def test_its_memory_is_bounded() -> None:
    """However many objects somebody changes."""
    patience = Patience()
    for number in range(20_000):
        patience.healed(number, 7)

    assert patience.size() <= 4096
