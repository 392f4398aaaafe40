"""What is remembered of sources: debts, who was seen, who is proven."""

from __future__ import annotations

from floodwall.kernel._abi import SEEN_EPOCH_S, Reason
from tests.support.oracle.hashes import Cells
from tests.support.oracle.world import SECOND_NS, Proof, World

_EPOCH_NS = SEEN_EPOCH_S * SECOND_NS
_HALVINGS_MAX = 31
_FORGIVEN = 2
_WORD = 0xFFFFFFFF


def overdrawn(world: World, cells: Cells) -> Reason | None:
    """Return the first level at which a source owes too many handshakes."""
    config = world.config
    levels = (
        (cells.source, config.debt_source_max, Reason.CHALLENGE_SOURCE),
        (cells.port, config.debt_port_max, Reason.CHALLENGE_PORT),
        (cells.prefix, config.debt_prefix_max, Reason.CHALLENGE_PREFIX),
    )
    for cell, most, reason in levels:
        if most and _owed(world, cell) >= most:
            return reason
    return None


def add_debt(world: World, cells: Cells) -> None:
    """Note one more unfinished handshake at all levels."""
    for cell in cells[:3]:
        world.debts[cell] = (_tick(world), _owed(world, cell) + 1)


def forgive(world: World, cells: Cells) -> None:
    """Note a completed handshake at all levels."""
    for cell in cells[:3]:
        world.debts[cell] = (_tick(world), max(_owed(world, cell) - _FORGIVEN, 0))


def mark_seen(world: World, cells: Cells) -> None:
    """Remember the source for one to two epochs."""
    epoch = _epoch(world)
    noted, bits = world.seen.get(cells.seen, (0, 0))
    kept = bits if noted >= epoch - 1 else 0
    world.seen[cells.seen] = (epoch, kept | cells.seen_bit)


def was_seen(world: World, cells: Cells) -> bool:
    """Tell whether the source, or one that shares its bit, was seen lately."""
    noted, bits = world.seen.get(cells.seen, (0, 0))
    return noted >= _epoch(world) - 1 and bool(bits & cells.seen_bit)


def note_proof(world: World, source: bytes) -> None:
    """Remember that the address is real."""
    proof = world.proven.setdefault(source, Proof())
    proof.last_ns = world.now_ns
    proof.count += 1


def _owed(world: World, cell: int) -> int:
    tick, owed = world.debts.get(cell, (0, 0))
    return owed >> min(_tick(world) - tick & _WORD, _HALVINGS_MAX)


def _tick(world: World) -> int:
    return world.now_ns // world.config.debt_halving_ns & _WORD


def _epoch(world: World) -> int:
    return world.now_ns // _EPOCH_NS & _WORD
