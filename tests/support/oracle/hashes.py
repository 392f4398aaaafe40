"""The hashes by which debts, seen sources and followers are found."""

from __future__ import annotations

from typing import NamedTuple

from floodwall.kernel._abi import BAN_BUCKETS, DEBT_CELLS, FOLLOWERS, SEEN_CELLS, DebtLevel
from tests.support.oracle.world import FourTuple

_MASK = 0xFFFFFFFFFFFFFFFF
_GOLDEN = 0x9E3779B97F4A7C15
_MAPPED = bytes(10) + b"\xff\xff"
_PREFIX_MARK = 64
_BAN_SEED = 0x6A09E667F3BCC908  # anybody may know it


class Cells(NamedTuple):
    """Where one source is kept: three debts, and a bit of the filter of sources seen."""

    source: int
    port: int
    prefix: int
    seen: int
    seen_bit: int


def mix(state: int, word: int) -> int:
    """Return `state` with `word` stirred in."""
    product = (state ^ word) * _GOLDEN & _MASK
    return product ^ product >> 32


def address_hash(address: bytes, seed: int) -> int:
    """Return the hash of a packed address."""
    low = int.from_bytes(address[:8], "little")
    high = int.from_bytes(address[8:], "little")
    return mix(mix(mix(seed, low), high), 0)  # the last bytes reach the low bits only so


def bucket_of(address: bytes) -> int:
    """Return the bucket in which the ban of a packed address is looked for."""
    return address_hash(address, _BAN_SEED) % BAN_BUCKETS


def cells_of(address: bytes, port: int, seed: int) -> Cells:
    """Return the cells of a source and its port."""
    source = address_hash(address, seed)
    ipv4 = address[:12] == _MAPPED
    network = address[:15] + b"\0" if ipv4 else address[:8] + bytes(8)
    prefix = mix(address_hash(network, seed), _PREFIX_MARK)
    return Cells(
        source=_debt_index(DebtLevel.SOURCE, source),
        port=_debt_index(DebtLevel.PORT, mix(source, port)),
        prefix=_debt_index(DebtLevel.PREFIX, prefix),
        seen=(source >> 5) % SEEN_CELLS,
        seen_bit=1 << source % 32,
    )


def tuple_hash(four: FourTuple, seed: int) -> int:
    """Return the hash of addresses and ports."""
    source, source_port, destination, destination_port = four
    state = mix(address_hash(source, seed), int.from_bytes(destination[:8], "little"))
    state = mix(state, int.from_bytes(destination[8:], "little"))
    return mix(state, source_port << 16 | destination_port)


def follow_cell(hashed: int) -> int:
    """Return the cell of a hashed tuple."""
    return hashed % FOLLOWERS


def _debt_index(level: DebtLevel, hashed: int) -> int:
    return level * DEBT_CELLS + hashed % DEBT_CELLS
