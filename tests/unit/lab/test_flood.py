"""What a flood is."""

import pytest

from floodwall.lab.flood import EXACT_MAX_PPS, Engine, Flood, Pulse, Sources, Sweep


@pytest.mark.parametrize(
    ("rate", "engine"),
    [(1.0, Engine.EXACT), (EXACT_MAX_PPS, Engine.EXACT), (EXACT_MAX_PPS + 1, Engine.FAST),
     (None, Engine.FAST)],
)  # fmt: skip
def test_the_engine_follows_the_rate(rate: float | None, engine: Engine) -> None:
    """Exact as long as it can keep up, fast above and without a limit."""
    assert Flood(Sources.RANDOM, rate).engine is engine


@pytest.mark.parametrize(
    "flood",
    [
        Flood(Sources.LISTED, None, addresses=("198.18.0.1",)),
        Flood(Sources.RANDOM, None, ramp=True),
        Flood(Sources.SINGLE, 1e6, sweep=Sweep(1, 10)),
    ],
)
def test_what_only_one_engine_can_do_it_does_at_any_rate(flood: Flood) -> None:
    """Named sources, a rising rate, many ports."""
    assert flood.engine is Engine.EXACT


def test_a_sweep_counts_its_last_port() -> None:
    """One port is a sweep, too."""
    assert [Sweep(1, 65535).count, Sweep(80, 80).count] == [65535, 1]


def test_a_steady_flood_has_one_window() -> None:
    """It sends from the first to the last moment."""
    assert Flood(Sources.RANDOM, 1.0).windows(5, 9) == ((5, 9),)


def test_a_pulsing_flood_has_many_and_the_last_is_cut() -> None:
    """One second on, nine off, and nothing after the end."""
    flood = Flood(Sources.RANDOM, 1.0, pulse=Pulse(1.0, 9.0))
    second = 1_000_000_000

    assert flood.windows(0, 10 * second + 5) == ((0, second), (10 * second, 10 * second + 5))
