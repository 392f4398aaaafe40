"""Bans in the maps of the data plane."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from floodwall.act.ban_backend import Ban
from floodwall.act.ban_xdp import XdpBans
from floodwall.kernel import _abi as abi
from floodwall.kernel.tables import Tables
from tests.support.memory_tables import memory_tables

HOST, NET = ip_network("203.0.113.9"), ip_network("203.0.113.0/24")
TICK = 1 << abi.BAN_TICK_SHIFT


@pytest.fixture
def tables() -> Tables:
    """Return empty maps."""
    return memory_tables()


@pytest.fixture
def bans(tables: Tables, tmp_path: Path) -> XdpBans:
    """Return the bans over these maps."""
    return XdpBans(tables, tmp_path)


def test_a_ban_that_is_renewed_keeps_its_hits(tables: Tables, bans: XdpBans) -> None:
    """Only its end changes."""
    bans.put({NET: 5 * TICK}, 1)
    ((key, _),) = tables.ban_nets.items()
    tables.ban_nets.update(key, bytes(abi.Ban(expires_ns=5 * TICK, hits=7, last_hit_ns=3)))
    bans.put({NET: 9 * TICK}, 1)

    assert list(bans.stored(1)) == [Ban(NET, 9 * TICK, 7, 3)]


def test_flags_that_somebody_cleared_are_set_again(tables: Tables, bans: XdpBans) -> None:
    """Packets would pass by the bans otherwise."""
    bans.put({HOST: 0, NET: 0}, 1)
    config = tables.config()
    config.flags = 0
    tables.set_config(config)

    assert bans.repair(1) == ["bans are looked at again"]
    assert bans.repair(1) == []
    assert tables.config().flags == abi.Flag.BANS | abi.Flag.BAN_NETS


def test_the_last_ban_of_a_kind_lets_packets_pass_its_map(tables: Tables, bans: XdpBans) -> None:
    """Nobody pays for a look into an empty map."""
    bans.put({HOST: 0, NET: 5 * TICK}, 1)
    bans.remove([HOST])
    assert tables.config().flags == abi.Flag.BAN_NETS

    assert bans.sweep(5 * TICK) == 1
    assert tables.config().flags == 0


def test_names_are_decoded_once(bans: XdpBans) -> None:
    """Reading many bans every five seconds must not cost a second."""
    bans.put({HOST: 0}, 1)
    first, second = next(bans.stored(1)), next(bans.stored(1))

    assert first.network is second.network


def test_changes_of_others_are_noticed_without_reading_all(
    tables: Tables, bans: XdpBans, tmp_path: Path
) -> None:
    """Ours and the kernel's hits are none; a ban more, less or with another end is one."""
    assert not bans.untouched()
    list(bans.stored(1))
    bans.put({HOST: 5 * TICK, NET: 0}, 1)
    bans.put({HOST: 7 * TICK}, 1)
    bans.remove([NET, ip_network("203.0.113.77")])
    bans.put({NET: 9 * TICK}, 1)
    assert bans.untouched()
    for harm in ({HOST: 8 * TICK}, {NET: 0}, {ip_network("203.0.113.78"): 0}):
        XdpBans(tables, tmp_path).put(harm, 1)
        assert not bans.untouched()
        list(bans.stored(1))
        assert bans.untouched()

    assert bans.sweep(8 * TICK) == 1
    assert bans.untouched()
    tables.set_config(abi.Config())
    assert not bans.untouched()
