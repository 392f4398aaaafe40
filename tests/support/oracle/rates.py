"""Hard SYN rates: one source a cell and second."""

from __future__ import annotations

from floodwall.kernel._abi import RATE_CELLS, RateLevel
from tests.support.oracle.world import SECOND_NS, World


def above_rates(world: World, source: int, port: int) -> bool:
    """Count a SYN under both tags, and tell whether it is one too many under either."""
    config = world.config
    over = [
        _count(world, RateLevel.SOURCE, source, config.rate_source_max),
        _count(world, RateLevel.PORT, port, config.rate_port_max),
    ]
    return any(over)


def _count(world: World, level: RateLevel, tag: int, most: int) -> bool:
    if not most:
        return False
    cell = level * RATE_CELLS + tag % RATE_CELLS
    second = world.now_ns // SECOND_NS % 2**32
    counted, noted, syns = world.rates.get(cell, (0, 0, 0))
    if noted != second:
        counted, syns = tag, 0
    if counted != tag:
        return False
    world.rates[cell] = (tag, second, syns + 1)
    return syns >= most
