"""A machine on which nothing can be banned."""

from ipaddress import ip_network

import pytest

from floodwall.act.ban_book import BanBook
from floodwall.act.ban_nowhere import NoBans
from floodwall.core.errors import NotSupported
from floodwall.core.model import Guard
from floodwall.core.settings import Bans
from tests.unit.act.test_ban_book import Notes

HOST, GATEWAY = ip_network("203.0.113.9"), ip_network("192.0.2.1")


def test_a_ban_is_refused_with_every_reason() -> None:
    """And is not wanted any more: nobody tries it again every few seconds."""
    bans = NoBans(["XDP: masked", "nftables: masked"])
    book = BanBook(bans, Bans, Notes())
    with pytest.raises(NotSupported, match="on this machine: XDP: masked; nftables: masked"):
        book.ban(HOST, 0, 1)

    assert book.wanted(1) == {}
    assert book.heal(2).told == []
    assert list(bans.stored(2)) == []


def test_the_never_ban_set_is_known_all_the_same() -> None:
    """`floodwall status` counts it."""
    bans = NoBans()
    bans.set_guards({GATEWAY: Guard.GATEWAY})
    bans.allow(HOST)
    bans.disallow(GATEWAY)

    assert bans.guards() == {HOST: Guard.OPERATOR}
    assert not bans.destroy()
