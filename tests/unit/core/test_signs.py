"""Signs of an attack, as values."""

from dataclasses import FrozenInstanceError, fields

import pytest

from floodwall.core.signs import Conntrack, Queue, Signs
from tests.support.playbook import endpoint


@pytest.mark.parametrize(
    ("waiting", "backlog", "fill"), [(0, 5, 0.0), (3, 6, 0.5), (6, 5, 1.2), (1, 0, 1.0)]
)
def test_a_queue_tells_how_full_it_is(waiting: int, backlog: int, fill: float) -> None:
    """The kernel takes one more than the backlog; a backlog of 0 takes one."""
    queue = Queue(endpoint("192.0.2.10", 80), 0, half_open=9, waiting=waiting, backlog=backlog)

    assert queue.fill == pytest.approx(fill)


def test_a_connection_table_tells_how_full_it_is() -> None:
    """Also one whose limit is 0: unlimited in words, a division in numbers."""
    assert Conntrack(50, 200, 0, 0, 0).fill == 0.25
    assert Conntrack(50, 0, 0, 0, 0).fill == 50


def test_what_was_not_sensed_is_none() -> None:
    """Silence is never read as calm: only the bans, which are our own, have a default."""
    unseen = {field.name: getattr(Signs(), field.name) for field in fields(Signs)}

    assert unseen.pop("bans") == {}
    assert set(unseen.values()) == {None}


def test_signs_do_not_change() -> None:
    """They are an observation."""
    with pytest.raises(FrozenInstanceError):
        Signs().cpu = None  # type: ignore[misc]  # that is what is tested
