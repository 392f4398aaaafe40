"""A ban as every backend stores it."""

from ipaddress import ip_network
from typing import TYPE_CHECKING

import pytest

from floodwall.act.ban_backend import Ban, BanBackend
from floodwall.act.ban_nft import NftBans
from floodwall.act.ban_nowhere import NoBans
from floodwall.act.ban_routes import RouteBans
from floodwall.act.ban_xdp import XdpBans

NET = ip_network("203.0.113.0/24")
BACKENDS = (XdpBans, NftBans, RouteBans, NoBans)

if TYPE_CHECKING:

    def check(xdp: XdpBans, nft: NftBans, routes: RouteBans, none: NoBans) -> list[BanBackend]:
        """Let mypy see that each of them is one."""
        return [xdp, nft, routes, none]


def test_a_ban_holds_until_its_end() -> None:
    """Or for ever."""
    assert Ban(NET, 100).holds(99)
    assert not Ban(NET, 100).holds(100)
    assert Ban(NET, 0).holds(1 << 62)


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_can_do_all(backend: type) -> None:
    """What the protocol names is there."""
    wanted = {name for name in vars(BanBackend) if not name.startswith("_")}

    assert {name for name in wanted if not hasattr(backend, name)} == set()
