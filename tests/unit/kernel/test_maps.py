"""Maps are read and written as bytes, in batches where that is quicker."""

import errno

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.bpf import BpfObject
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.libbpf import libbpf
from floodwall.kernel.maps import Map, MapKind, MapShape

pytestmark = pytest.mark.root


def _key(number: int) -> bytes:
    return number.to_bytes(4, "little")


def _value(number: int) -> bytes:
    return number.to_bytes(8, "little")


def test_a_map_knows_its_shape(small: BpfObject) -> None:
    """The object file and the kernel agree on it."""
    expected = MapShape(MapKind.HASH, 4, 8, 10000)

    assert small.map("table").shape == expected
    assert small.shape("table") == expected


def test_a_key_comes_and_goes(small: BpfObject) -> None:
    """Deleting says whether there was anything to delete."""
    table = small.map("table")
    table.update(_key(1), _value(7))

    assert table.lookup(_key(1)) == _value(7)
    assert [table.delete(_key(1)), table.delete(_key(1))] == [True, False]
    assert table.lookup(_key(1)) is None


def test_flags_reach_the_kernel(small: BpfObject) -> None:
    """BPF_NOEXIST refuses to overwrite."""
    table = small.map("table")
    table.update(_key(1), _value(7))

    with pytest.raises(KernelError, match="update map table") as raised:
        table.update(_key(1), _value(8), 1)
    assert raised.value.errno == errno.EEXIST


def test_many_keys_go_in_and_come_out(small: BpfObject) -> None:
    """More of them than one batch holds."""
    table = small.map("table")
    entries = {_key(number): _value(number) for number in range(9999)}
    table.update_many(entries.items())

    assert dict(table.items()) == entries
    assert set(table.keys()) == entries.keys()


def test_a_map_without_batches_is_walked(small: BpfObject) -> None:
    """The slow way gives the same answer."""
    table = small.map("table")
    table.update_many((_key(number), _value(number)) for number in range(100))

    assert sorted(table._one_by_one()) == sorted(table.items())


def test_a_full_map_says_so(small: BpfObject) -> None:
    """The hint names the limit."""
    table = small.map("table")
    table.update_many((_key(number), _value(0)) for number in range(10000))

    with pytest.raises(KernelError) as raised:
        table.update(_key(10000), _value(0))
    assert "10000 entries" in raised.value.hint


def test_clear_empties_a_hash(small: BpfObject) -> None:
    """Not one key is left."""
    table = small.map("table")
    table.update_many((_key(number), _value(number)) for number in range(5000))
    table.clear()

    assert table.keys() == []


def test_clear_zeroes_an_array(small: BpfObject) -> None:
    """The elements of an array cannot be deleted."""
    slots = small.map("slots")
    slots.update(_key(3), _value(9))
    slots.clear()

    assert dict(slots.items()) == {_key(number): _value(0) for number in range(4)}


def test_every_cpu_has_its_value(small: BpfObject) -> None:
    """A value of four bytes takes eight in the kernel's answer."""
    parts = small.map("parts")
    cpus = libbpf().possible_cpus
    values = [number.to_bytes(4, "little") for number in range(1, cpus + 1)]
    parts.update_percpu(_key(1), values)

    assert parts.lookup_percpu(_key(1)) == values
    assert {key: parts.split(wide) for key, wide in parts.items()} == {
        _key(0): [bytes(4)] * cpus,
        _key(1): values,
    }


@pytest.mark.parametrize(("key", "value"), [(b"", _value(0)), (_key(0), b"")])
def test_a_wrong_size_never_reaches_the_kernel(small: BpfObject, key: bytes, value: bytes) -> None:
    """The kernel would read beyond the end of our bytes."""
    table = small.map("table")

    with pytest.raises(ValueError, match="of map table"):
        table.update(key, value)
    with pytest.raises(ValueError, match="of map table"):
        table.update_many([(key, value)])


def test_a_pinned_map_is_the_same_map(small: BpfObject, pins: StateDirectory) -> None:
    """What is written through one is read through the other."""
    path = pins.pin("table")
    assert path is not None
    small.map("table").pin(path)
    small.map("table").update(_key(1), _value(2))

    with Map.from_pin(path) as other:
        assert (other.name, other.id) == ("table", small.map("table").id)
        assert other.lookup(_key(1)) == _value(2)


def test_a_missing_pin_is_told_by_its_path(pins: StateDirectory) -> None:
    """The error is the kernel's, with the path in it."""
    path = pins.pin("nothing")
    assert path is not None

    with pytest.raises(KernelError, match=r"open pin .*/nothing: No such file"):
        Map.from_pin(path)
