"""What Python writes into the maps is what it reads back, with its type."""

from collections.abc import Iterator

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel import _abi as abi
from floodwall.kernel.bpf import BpfObject
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.build import data_plane_object
from floodwall.kernel.tables import MAP_NAMES, Tables, open_pinned

pytestmark = pytest.mark.root


@pytest.fixture
def tables() -> Iterator[Tables]:
    """The maps of a data plane that is loaded and attached nowhere."""
    with BpfObject.open(data_plane_object()) as opened:
        opened.load()
        made = Tables({name: opened.map(name) for name in MAP_NAMES})
        yield made
        made.bans.close()


def test_every_map_is_named() -> None:
    """A map that the list forgets would not be adopted."""
    with BpfObject.open(data_plane_object()) as opened:
        assert set(opened.map_names()) == set(MAP_NAMES)


def test_the_config_comes_back(tables: Tables) -> None:
    """All of it, bit for bit."""
    config = abi.Config(flags=abi.Flag.SACK | abi.Flag.ECN, hash_seed=2**63, mss_ipv6=1440)
    tables.set_config(config)

    assert bytes(tables.config()) == bytes(config)


def test_a_lease_is_granted_and_ended(tables: Tables) -> None:
    """A new data plane has none."""
    assert tables.lease() == 0
    tables.set_lease(123)
    assert tables.lease() == 123


def test_each_key_has_its_slot(tables: Tables) -> None:
    """Two are live at a time."""
    tables.set_key(1, abi.Key(k0=5, valid=1, window_scale=7))

    assert (tables.key(1).k0, tables.key(1).window_scale) == (5, 7)
    assert tables.key(0).valid == 0


def test_a_slot_that_does_not_exist_is_an_error(tables: Tables) -> None:
    """The kernel would say the same when writing."""
    with pytest.raises(KernelError, match="map keys has no element"):
        tables.key(abi.KEYS)
    with pytest.raises(KernelError, match="update map keys"):
        tables.set_key(abi.KEYS, abi.Key())


def test_limits_are_of_one_service(tables: Tables) -> None:
    """The neighbours keep theirs."""
    tables.set_limits(3, abi.Limits(mode=abi.Mode.ARMED, high=100))

    assert [tables.limits(number).high for number in (2, 3, 4)] == [0, 100, 0]


def test_counters_are_summed_over_the_cpus(tables: Tables) -> None:
    """Signed ones too; the beat is the latest."""
    raw = tables.maps["tallies"]
    cpus = len(raw.lookup_percpu(bytes(4)))
    parts = [bytes(abi.Tally(syns=10, unreported=-1, beat=cpu)) for cpu in range(cpus)]
    raw.update_percpu(bytes(4), parts)
    found = tables.tally(0)

    assert (found.syns, found.unreported, found.beat) == (10 * cpus, -cpus, cpus - 1)


def test_a_service_is_forgotten(tables: Tables) -> None:
    """Before another one takes its number."""
    raw = tables.maps["tallies"]
    parts = [bytes(abi.Tally(syns=1))] * len(raw.lookup_percpu(bytes(4)))
    raw.update_percpu(bytes(4), parts)
    tables.maps["states"].update(bytes(4), bytes(abi.State(pending=9)))
    tables.clear_service(0)

    assert (tables.tally(0).syns, tables.state(0).pending) == (0, 0)


def test_every_reason_has_its_count(tables: Tables) -> None:
    """Whether it occurred or not."""
    raw = tables.maps["reasons"]
    key = int(abi.Reason.DROP_BANNED).to_bytes(4, "little")
    parts = [(5).to_bytes(8, "little")] * len(raw.lookup_percpu(key))
    raw.update_percpu(key, parts)
    found = tables.reasons()

    assert set(found) == set(abi.Reason)
    assert sum(found.values()) == found[abi.Reason.DROP_BANNED] == 5 * len(parts)


def test_without_pins_there_is_nothing_to_open(pins: StateDirectory) -> None:
    """The hint says how to come by some."""
    with pytest.raises(KernelError, match="no data plane of this version") as raised:
        open_pinned(pins)
    assert "floodwall run" in raised.value.hint
