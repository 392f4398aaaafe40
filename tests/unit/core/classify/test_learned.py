"""What is remembered of a service for good."""

import json

from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.baseline import HOURS
from floodwall.core.classify.flow import Flow
from floodwall.core.classify.learned import Learned, Lesson

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=10,
)
FIELDS = st.sampled_from(["answered", "unanswered_share", "silent", "season"])


def hours(count: int, clients: int = 100) -> Learned:
    """Learn from some hours with the same traffic."""
    learned = Learned()
    minute = Flow(60.0, clients * 60, clients * 60, completed=clients * 60)
    for hour in range(count):
        learned = learned.enter(hour % HOURS)
        for _ in range(60):
            learned = learned.learn(Lesson(minute, 2.0, 5))
    return learned


def test_nothing_is_usual_before_something_was_seen() -> None:
    """A tenth of SYNs may be lost until that is known."""
    usual = Learned().usual()

    assert (usual.answered, usual.unanswered_share, usual.silent) == (None, 0.1, None)


def test_what_comes_every_second_is_usual() -> None:
    """Clients, losses and silence."""
    usual = hours(2).usual()

    assert usual.answered is not None
    assert usual.silent is not None
    assert 99 < usual.answered < 101
    assert usual.unanswered_share == 0.05
    assert 4.9 < usual.silent < 5.1


def test_the_hour_of_last_week_is_usual_too() -> None:
    """Monday at eight is as busy as every Monday, however quiet the night was."""
    learned = hours(1, 1000).enter(1)
    for _ in range(200):
        learned = learned.learn(Lesson(Flow(60.0, 600, 600, completed=600), 0.0, 5))
    night = learned.enter(2).usual().answered
    morning = learned.enter(2).enter(167).usual().answered

    assert night is not None
    assert morning is not None
    assert night < 100
    assert 990 < morning < 1010


def test_too_few_syns_make_no_share() -> None:
    """Two of four are no half."""
    learned = Learned()
    for _ in range(100):
        learned = learned.learn(Lesson(Flow(1.0, 4, 4, completed=2), 2.0, None))

    assert (learned.unanswered_share.seconds, learned.silent.seconds) == (0.0, 0.0)


def test_it_comes_back_from_the_store_as_it_was() -> None:
    """All but the hour that was under way."""
    learned = hours(30)
    back = Learned.from_json(json.loads(json.dumps(learned.as_json())))

    assert back.as_json() == learned.as_json()
    assert back.usual().unanswered_share == learned.usual().unanswered_share


@given(st.dictionaries(FIELDS, JSON))
def test_what_the_store_returns_is_not_trusted(stored: dict[str, object]) -> None:
    """Whatever it is, the worst is to begin anew."""
    usual = Learned.from_json(stored).usual()

    assert 0.05 <= usual.unanswered_share <= 0.25
    assert usual.answered is None or 0 <= usual.answered <= 5e12
