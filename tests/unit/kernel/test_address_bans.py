"""A table of bans that looks like a map, over cells that packets read meanwhile."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.kernel import _abi as abi
from floodwall.kernel.address_bans import AddressBans, mark, ticks
from tests.support.memory_tables import memory, memory_tables

TICK_NS = 1 << abi.BAN_TICK_SHIFT
ADDRESS = st.binary(min_size=16, max_size=16)


def ban(expires_ns: int = 0, hits: int = 0, last_hit_ns: int = 0) -> bytes:
    """Make the value of a ban."""
    return bytes(abi.Ban(expires_ns=expires_ns, hits=hits, last_hit_ns=last_hit_ns))


def table() -> AddressBans:
    """Make an empty table of 16 buckets."""
    return memory_tables().bans


@pytest.mark.parametrize(
    ("expires_ns", "tick"),
    [(1, 1), (TICK_NS, 1), (TICK_NS + 1, 2), (0, 2**31 - 1), (1 << 63, 2**31 - 2)],
)
def test_a_ban_ends_with_a_tick_and_never_early(expires_ns: int, tick: int) -> None:
    """Rounded up; what is not lifted by time has the last tick for itself."""
    assert ticks(expires_ns) == tick


@given(st.lists(st.tuples(ADDRESS, st.booleans()), max_size=120))
def test_it_is_a_dictionary_whatever_overflows(steps: list[tuple[bytes, bool]]) -> None:
    """Any order of bans and lifts leaves what a dictionary would hold."""
    bans, model = table(), {}
    for address, wanted in steps:
        if wanted:
            bans.update(address, ban(TICK_NS * 7))
            model[address] = ban(TICK_NS * 7)
        else:
            assert bans.delete(address) is (model.pop(address, None) is not None)
        assert bans.lookup(address) == model.get(address)

    assert dict(bans.items()) == model
    assert sorted(bans.keys()) == sorted(model)


def test_a_crowded_bucket_overflows_and_empties_again() -> None:
    """More addresses than cells are still all banned, and all lifted."""
    tables = memory_tables()
    addresses = [number.to_bytes(16, "big") for number in range(200)]
    tables.bans.update_many((address, ban()) for address in addresses)

    assert len(memory(tables.maps["bans"]).content) >= 200 - 16 * abi.BAN_CELLS
    assert sorted(tables.bans.keys()) == addresses

    tables.bans.clear()
    assert tables.bans.keys() == []
    assert memory(tables.maps["bans"]).content == {}


def test_what_overflowed_moves_into_a_cell_once() -> None:
    """Nothing is banned twice when room has become free."""
    tables = memory_tables()
    addresses = [number.to_bytes(16, "big") for number in range(200)]
    tables.bans.update_many((address, ban()) for address in addresses)
    overflowed = list(memory(tables.maps["bans"]).content)
    for address in set(addresses) - set(overflowed):
        tables.bans.delete(address)

    tables.bans.update_many((address, ban()) for address in overflowed)

    assert sorted(tables.bans.keys()) == sorted(overflowed)


def test_a_longer_ban_keeps_its_hits() -> None:
    """Only its end changes."""
    bans = table()
    bans.update(bytes(15) + b"\1", ban(TICK_NS, hits=5, last_hit_ns=TICK_NS))

    bans.update(bytes(15) + b"\1", ban(TICK_NS * 9))

    assert bans.lookup(bytes(15) + b"\1") == ban(TICK_NS * 9, hits=5, last_hit_ns=TICK_NS)


def test_guards_that_changed_are_asked_again() -> None:
    """Each change of the never-ban set is another epoch."""
    tables = memory_tables()
    seen = []
    for _ in range(3):
        tables.guards_changed()
        seen.append(tables.config().guard_epoch)
    assert seen == [1, 2, 3]


def test_the_last_epoch_is_followed_by_the_first_and_nothing_is_remembered() -> None:
    """Zero is left out: it means that nothing is remembered."""
    tables = memory_tables()
    config = tables.config()
    config.guard_epoch = 65535
    tables.set_config(config)
    tables.bans.update(bytes(16), ban(hits=3))
    tables.bans._hits |= 1 << 48

    tables.guards_changed()

    assert tables.config().guard_epoch == 1
    assert tables.bans._hits.max() == 3


@given(st.lists(st.tuples(ADDRESS, st.integers(0, 99)), max_size=120))
def test_marks_add_up_however_they_are_made(steps: list[tuple[bytes, int]]) -> None:
    """All at once over the cells, or one after the other; those that end are named."""
    bans, model = table(), {}
    for address, tick in steps:
        bans.update(address, ban(tick * TICK_NS))
        model[address] = tick * TICK_NS

    assert bans.marks() == sum(mark(key, end) for key, end in model.items()) % 2**64
    ended = {key for key, end in model.items() if 0 < end <= 50 * TICK_NS}
    assert set(bans.ended(50 * TICK_NS)) == ended


def test_what_is_closed_holds_nothing() -> None:
    """The memory of the cells would keep their map alive."""
    tables = memory_tables()
    tables.bans.update(bytes(16), ban())

    tables.close()

    assert tables.bans.keys() == list(memory(tables.maps["bans"]).content)
