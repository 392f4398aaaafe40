"""Bans in the maps."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from floodwall.act.ban_backend import Ban
from floodwall.act.ban_xdp import XdpBans
from floodwall.act.bans import BanTable
from floodwall.act.encoding import encode_guard
from floodwall.core.address import pack_prefix
from floodwall.core.errors import ConfigError
from floodwall.core.model import Guard
from floodwall.core.settings import Bans
from floodwall.kernel import _abi as abi
from floodwall.kernel.tables import Tables
from tests.support.memory_tables import memory_tables

HOST = ip_network("203.0.113.9")
HOST6 = ip_network("2001:db8::9")
NET = ip_network("203.0.113.0/24")
GATEWAY = ip_network("192.0.2.1")
TICK = 1 << abi.BAN_TICK_SHIFT
"""Expiries of single addresses are rounded up to it."""


@pytest.fixture
def tables() -> Tables:
    """Return empty maps with one protected gateway."""
    made = memory_tables()
    made.never_ban.update(pack_prefix(GATEWAY), encode_guard(Guard.GATEWAY))
    return made


@pytest.fixture
def table(tables: Tables, tmp_path: Path) -> BanTable:
    """Return the bans over these maps."""
    return BanTable(XdpBans(tables, tmp_path))


def flags(tables: Tables) -> int:
    """Return which ban maps packets look into."""
    return tables.config().flags & int(abi.Flag.BANS | abi.Flag.BAN_NETS)


def test_hosts_and_networks_are_banned(tables: Tables, table: BanTable) -> None:
    """Each in its map, and packets look only where something is."""
    assert flags(tables) == 0
    table.add(HOST, 100 * TICK, Bans(), 1)
    table.add(HOST6, 0, Bans(), 1)
    assert flags(tables) == abi.Flag.BANS
    table.add(NET, 200 * TICK, Bans(), 1)
    assert flags(tables) == abi.Flag.BANS | abi.Flag.BAN_NETS

    assert set(table.bans(1)) == {Ban(HOST, 100 * TICK), Ban(HOST6, 0), Ban(NET, 200 * TICK)}
    assert table.lift(HOST, 1)
    assert table.lift(HOST6, 1)
    assert not table.lift(HOST, 1)
    assert flags(tables) == abi.Flag.BAN_NETS


def test_expired_bans_are_not_listed_and_swept(tables: Tables, table: BanTable) -> None:
    """The data plane ignores them at once; the sweep only tidies up."""
    table.add(HOST, 100 * TICK, Bans(), 1)
    table.add(NET, 200 * TICK, Bans(), 1)

    assert [ban.network for ban in table.bans(100 * TICK)] == [NET]
    assert table.sweep(100 * TICK) == 1
    assert table.sweep(100 * TICK) == 0
    assert flags(tables) == abi.Flag.BAN_NETS


@pytest.mark.parametrize(
    ("network", "reason"),
    [("192.0.2.1", "gateway"), ("192.0.0.0/16", "touches"), ("203.0.0.0/8", "wider than /16")],
)
def test_refusals_write_nothing(tables: Tables, table: BanTable, network: str, reason: str) -> None:
    """The reason is in the message."""
    with pytest.raises(ConfigError, match=reason):
        table.add(ip_network(network), 0, Bans(), 1)

    assert list(table.bans(1)) == []
    assert flags(tables) == 0


def test_expired_bans_do_not_count_against_the_cap(table: BanTable) -> None:
    """Room is made first."""
    caps = Bans(max_count=1)
    table.add(HOST, 100 * TICK, caps, 1)
    with pytest.raises(ConfigError, match="no more than 1"):
        table.add(HOST6, 0, caps, 99 * TICK)
    table.add(HOST6, 0, caps, 100 * TICK)

    assert [ban.network for ban in table.bans(100 * TICK)] == [HOST6]


def test_an_allowance_keeps_the_better_reason(table: BanTable) -> None:
    """A gateway stays a gateway, and is not given away by taking the allowance back."""
    table.allow(GATEWAY)
    table.allow(HOST)
    assert table.never_ban() == {GATEWAY: Guard.GATEWAY, HOST: Guard.OPERATOR}

    table.disallow(GATEWAY)
    table.disallow(HOST)
    assert table.never_ban() == {GATEWAY: Guard.GATEWAY}
