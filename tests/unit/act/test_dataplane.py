"""Writing into the maps by difference."""

from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from floodwall.act.dataplane import DataPlaneWriter
from floodwall.act.encoding import encode_endpoint
from floodwall.core.errors import KernelError
from floodwall.core.model import Guard
from floodwall.kernel.tables import Tables
from tests.support.memory_tables import memory, memory_tables
from tests.support.playbook import endpoint
from tests.unit.core.test_upkeep import MACHINE, WEB

ONE, TWO, THREE = (endpoint(f"192.0.2.{n}", 80) for n in (1, 2, 3))


@pytest.fixture
def tables() -> Tables:
    """Return empty maps."""
    return memory_tables()


@pytest.fixture
def writer(tables: Tables, tmp_path: Path) -> DataPlaneWriter:
    """Return a writer over these maps."""
    return DataPlaneWriter(tables, tmp_path)


def test_only_differences_are_written(tables: Tables, writer: DataPlaneWriter) -> None:
    """What is right is not touched; what is gone is deleted after the new is there."""
    table = memory(tables.service_keys)
    writer.set_services({ONE: 0, TWO: 1})
    table.written.clear()
    writer.set_services({TWO: 1, THREE: 2})

    assert table.written == [encode_endpoint(THREE)]
    assert table.deleted == [encode_endpoint(ONE)]
    assert writer.endpoints() == {TWO: 1, THREE: 2}


def test_a_writer_learns_what_an_earlier_one_wrote(tables: Tables, tmp_path: Path) -> None:
    """After a kill -9 nothing is written twice, and leftovers go."""
    DataPlaneWriter(tables, tmp_path).set_services({ONE: 5, TWO: 6})
    memory(tables.service_keys).written.clear()
    heir = DataPlaneWriter(tables, tmp_path)
    heir.set_services({ONE: 5})

    assert memory(tables.service_keys).written == []
    assert heir.endpoints() == {ONE: 5}


def test_after_a_failure_the_map_is_read_again(tables: Tables, writer: DataPlaneWriter) -> None:
    """Half of a write is not taken for the whole."""
    table = memory(tables.service_keys)
    table.broken = True
    with pytest.raises(KernelError):
        writer.set_services({ONE: 0})
    table.broken = False
    writer.set_services({ONE: 0})

    assert writer.endpoints() == {ONE: 0}
    assert list(table.content) == [encode_endpoint(ONE)]


def test_keys_take_turns(tables: Tables, writer: DataPlaneWriter) -> None:
    """The key before stays valid until the one after next."""
    assert not writer.has_key()
    writer.rotate_key(7)
    assert writer.has_key()
    first = bytes(tables.key(tables.config().key_current))
    writer.rotate_key(8)
    current = tables.config().key_current

    assert tables.key(current).window_scale == 8
    assert bytes(tables.key(1 - current)) == first
    writer.rotate_key(8)
    assert tables.config().key_current == 1 - current
    assert bytes(tables.key(1 - current)) != first


def test_the_seed_is_drawn_once(tables: Tables, writer: DataPlaneWriter) -> None:
    """With another seed every debt would count for another source."""
    writer.set_machine_limits(MACHINE)
    seed = tables.config().hash_seed
    writer.set_machine_limits(MACHINE)

    assert seed != 0
    assert tables.config().hash_seed == seed


def test_small_things_are_written(tables: Tables, writer: DataPlaneWriter) -> None:
    """Limits, lease, addresses and never-ban entries end in their maps."""
    writer.set_limits(3, WEB)
    writer.renew_lease(77)
    writer.set_addresses(frozenset({ip_address("192.0.2.1"), ip_address("2001:db8::1")}))
    writer.set_never_ban({ip_network("192.0.2.0/24"): Guard.GATEWAY})
    writer.clear_service(3)

    assert tables.limits(3).high == 64
    assert tables.lease() == 77
    assert len(tables.addresses.keys()) == 2
    assert len(tables.never_ban.keys()) == 1


def test_drift_is_healed(tables: Tables, writer: DataPlaneWriter) -> None:
    """Whatever somebody else removed, added or changed is as it should be again."""
    writer.set_services({ONE: 0, TWO: 1})
    writer.set_limits(0, WEB)
    writer.set_machine_limits(MACHINE)
    assert writer.heal() == 0

    tables.service_keys.delete(encode_endpoint(ONE))
    tables.service_keys.update(encode_endpoint(THREE), bytes(4))
    tables.maps["limits"].update(bytes(4), bytes(len(bytes(tables.limits(0)))))
    config = tables.config()
    config.debt_source_max = 1
    tables.set_config(config)

    assert writer.heal() == 4
    assert writer.heal() == 0
    assert writer.endpoints() == {ONE: 0, TWO: 1}
    assert tables.limits(0).high == 64
    assert tables.config().debt_source_max == MACHINE.debt_source_max
