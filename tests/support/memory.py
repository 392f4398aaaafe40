"""What a data plane remembers, as plain dictionaries that can be compared and printed."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from struct import Struct

import numpy as np
import numpy.typing as npt

from floodwall.kernel.address_bans import AddressBans
from floodwall.kernel.bpf import Map, MapKind
from tests.support.encoding import (
    BAN,
    COUNT,
    FOLLOW,
    NOTE,
    PAIR,
    RATE,
    STATE,
    TALLY,
    WORDS,
    Cell,
    follow_cell,
    prefix_of,
    state_cell,
    tally_cell,
)
from tests.support.oracle.world import LAST_TICK, TICK_NS, Ban, World

Memory = dict[str, dict[object, Cell]]


def expected_memory(world: World) -> Memory:
    """Return what a data plane that did as the oracle did remembers."""
    services = world.services.items()
    budgets = {int(purse): budget for purse, budget in world.budgets.items()}
    reasons = {int(reason): count for reason, count in world.reasons.items()}
    return {
        "reasons": _nonzero({number: (count,) for number, count in reasons.items()}),
        "states": _nonzero({number: state_cell(service) for number, service in services}),
        "tallies": _nonzero({number: tally_cell(service) for number, service in services}),
        "bans": {key: _in_ticks(ban) for key, ban in world.bans.items()},
        "ban_nets": {key: dataclasses.astuple(ban) for key, ban in world.ban_nets.values.items()},
        "proven": {key: dataclasses.astuple(proof) for key, proof in world.proven.items()},
        "debts": _nonzero(world.debts),
        "rates": _nonzero(world.rates),
        "seen": _nonzero(world.seen),
        "follows": {cell: follow_cell(follow) for cell, follow in world.follows.items()},
        "notes": {0: (1,)} if any(follow.left for follow in world.follows.values()) else {},
        "budgets": _nonzero({purse: (kept.second, kept.spent) for purse, kept in budgets.items()}),
    }


def actual_memory(maps: Mapping[str, Map], bans: AddressBans) -> Memory:
    """Return what the maps of a loaded data plane hold."""
    return {
        "reasons": _own_cpu(maps["reasons"], COUNT),
        "states": array_cells(maps["states"], STATE),
        "tallies": _own_cpu(maps["tallies"], TALLY),
        "bans": {key: BAN.unpack(value) for key, value in bans.items()},
        "ban_nets": {prefix_of(key): BAN.unpack(value) for key, value in maps["ban_nets"].items()},
        "proven": {key: WORDS.unpack(value) for key, value in maps["proven"].items()},
        "debts": array_cells(maps["debts"], PAIR),
        "rates": array_cells(maps["rates"], RATE),
        "seen": array_cells(maps["seen"], PAIR),
        "follows": array_cells(maps["follows"], FOLLOW),
        "notes": array_cells(maps["notes"], NOTE),
        "budgets": _own_cpu(maps["budgets"], WORDS),
    }


def differences(expected: Memory, actual: Memory) -> list[str]:
    """Return one line for each cell that is not as expected."""
    lines = []
    for name, cells in expected.items():
        for key in sorted(cells.keys() | actual[name].keys(), key=str):
            want, have = cells.get(key), actual[name].get(key)
            if want != have:
                lines.append(f"{name}[{_shown(key)}]: expected {want}, got {have}")
    return lines


def array_cells(source: Map, layout: Struct) -> dict[object, Cell]:
    """Return the elements of an array that are not all zeros."""
    table = _table(source)
    used = np.flatnonzero(table.any(axis=1))
    return {int(number): layout.unpack(table[number].tobytes()) for number in used}


def total(source: Map, layout: Struct) -> dict[int, Cell]:
    """Return the elements of a per-CPU array of counters, summed over all CPUs."""
    table = _table(source).reshape(source.max_entries, -1, layout.size)
    sums = table.copy().view("<u8").sum(axis=1)
    return {
        int(number): tuple(map(int, sums[number])) for number in np.flatnonzero(sums.any(axis=1))
    }


def used_cells(source: Map) -> list[int]:
    """Return the indices of an array map that are not all zeros on every CPU."""
    return [int(number) for number in np.flatnonzero(_table(source).any(axis=1))]


def _in_ticks(ban: Ban) -> Cell:
    expires_ns = min(-(-ban.expires_ns // TICK_NS), LAST_TICK) * TICK_NS
    return (expires_ns, ban.hits, ban.last_hit_ns // TICK_NS * TICK_NS)


def _nonzero(cells: Mapping[int, Cell]) -> dict[object, Cell]:
    return {key: cell for key, cell in cells.items() if any(cell)}


def _own_cpu(source: Map, layout: Struct) -> dict[object, Cell]:
    """Return this CPU's elements of a per-CPU array; another CPU's must be zero."""
    (here,) = os.sched_getaffinity(0)
    table = _table(source).reshape(source.max_entries, -1, layout.size)
    if np.delete(table, here, axis=1).any():
        raise AssertionError(f"map {source.name} was touched on a CPU that ran nothing")
    own = table[:, here]
    used = np.flatnonzero(own.any(axis=1))
    return {int(number): layout.unpack(own[number].tobytes()) for number in used}


def _table(source: Map) -> npt.NDArray[np.uint8]:
    """Return an array map as one row of bytes for each element."""
    if source.kind not in {MapKind.ARRAY, MapKind.PERCPU_ARRAY}:
        raise ValueError(f"map {source.name} is no array")
    values = b"".join(values for _, values in source.batches())
    return np.frombuffer(values, dtype=np.uint8).reshape(source.max_entries, -1)


def _shown(key: object) -> object:
    return key.hex() if isinstance(key, bytes) else key
