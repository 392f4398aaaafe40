"""The daemon makes room for who receives, and comes back."""

from __future__ import annotations

import os

import pytest

from floodwall.app import affinity as module
from floodwall.app.affinity import KEEP_NS, Affinity, crowded
from floodwall.core.model import SECOND_NS

CPUS = frozenset({0, 1, 2, 3})


Moves = list[frozenset[int]]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Moves:
    """Return where the threads were sent; this process stays where it is."""
    moves: Moves = []

    def move(self: Affinity, cpus: frozenset[int]) -> None:
        self._now = cpus
        moves.append(cpus)

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(CPUS))
    monkeypatch.setattr(Affinity, "_move", move)
    return moves


@pytest.mark.parametrize(
    ("grown", "found"),
    [
        ([], set()),
        ([9_999, 0], set()),
        ([1_000_000, 0, 10, 0], {0}),
        ([1_000_000, 499_999, 500_000, 0], {0, 2}),
        ([50_000] * 4, {0, 1, 2, 3}),
    ],
)
def test_who_receives_half_of_the_most_is_crowded(grown: list[int], found: set[int]) -> None:
    """And nobody is while there is little to receive."""
    assert crowded(grown, 1.0) == found


def test_it_leaves_the_crowded_cpu_and_comes_back(made: Moves) -> None:
    """It is told once; a minute after the flood all is as before."""
    following = Affinity()
    told = list(following.follow(0, [0, 0, 0, 0]))
    told += following.follow(SECOND_NS, [0, 2_000_000, 0, 0])
    told += following.follow(2 * SECOND_NS, [0, 4_000_000, 0, 0])
    told += following.follow(KEEP_NS + 2 * SECOND_NS, [0, 4_000_100, 0, 0])

    assert made == [CPUS - {1}, CPUS]
    assert told == ["stays off CPU 1: it receives the packets"]


def test_where_all_receive_it_stays(made: Moves) -> None:
    """Receive side scaling spreads packets: there is nowhere to go."""
    following = Affinity()
    for second in range(3):
        assert not list(following.follow(second * SECOND_NS, [second * 100_000] * 4))

    assert made == []


def test_the_end_restores(made: Moves) -> None:
    """Whoever embeds us gets his threads back as they were."""
    following = Affinity()
    list(following.follow(0, [0, 0, 0, 0]))
    list(following.follow(SECOND_NS, [10**6, 0, 0, 0]))
    following.end()
    following.end()

    assert made == [CPUS - {0}, CPUS]


def test_threads_really_move() -> None:
    """All of this process; where they may not, nothing happens."""
    home = os.sched_getaffinity(0)
    following = module.Affinity()
    try:
        following._move(frozenset({min(home)}))
        assert os.sched_getaffinity(0) == {min(home)}
        following._move(frozenset({4095}))
        assert os.sched_getaffinity(0) == {min(home)}
    finally:
        os.sched_setaffinity(0, home)
