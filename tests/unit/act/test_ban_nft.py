"""Bans in nftables, in a namespace of our own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from floodwall.act.ban_nft import NftBans, outermost
from floodwall.core.errors import KernelError
from floodwall.core.model import SECOND_NS, Guard
from floodwall.kernel.nftables import Nftables
from tests.support.household import eventually
from tests.support.namespace import own_namespace

pytestmark = pytest.mark.root

HOST, HOST6 = ip_network("203.0.113.9"), ip_network("2001:db8::9")
NET, NET6 = ip_network("203.0.113.0/24"), ip_network("2001:db8::/48")
INNER = ip_network("203.0.113.0/28")
NOW, HOUR = 5 * SECOND_NS, 3600 * SECOND_NS
FOREIGN = "table ip theirs { set s { type ipv4_addr; elements = { 198.51.100.7 }; }; }"

ANOTHER_HOOK = """flush chain inet floodwall bans; delete chain inet floodwall bans
add chain inet floodwall bans { type filter hook prerouting priority 5; policy accept; }"""


def nft(commands: str) -> str:
    """Do what somebody else could do."""
    done = subprocess.run(
        ["nft", "-f", "-"], input=commands, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture
def bans(tmp_path: Path) -> Iterator[NftBans]:
    """Return the bans of a fresh namespace."""
    with own_namespace(), Nftables() as nftables:
        yield NftBans(nftables, tmp_path)


def stored(bans: NftBans) -> dict[object, int]:
    """Return the bans with the whole seconds that are left; 0 is without end."""
    return {
        ban.network: round((ban.expires_ns - NOW) / SECOND_NS) if ban.expires_ns else 0
        for ban in bans.stored(NOW)
    }


def test_bans_of_all_shapes_are_stored(bans: NftBans) -> None:
    """Hosts and networks of both versions, one inside the other, with and without an end."""
    wanted = {HOST: NOW + HOUR, HOST6: 0, NET: NOW + 90 * SECOND_NS, INNER: 0, NET6: NOW + HOUR}
    bans.put(wanted, NOW)
    left = stored(bans)

    assert left.keys() == wanted.keys()
    assert 3597 <= left[HOST] <= 3600
    assert 87 <= left[NET] <= 90
    assert (left[HOST6], left[INNER]) == (0, 0)


def test_a_ban_gets_another_end(bans: NftBans) -> None:
    """Later, earlier, none."""
    ends = []
    for until_ns in (NOW + 60 * SECOND_NS, NOW + HOUR, NOW + 30 * SECOND_NS, 0):
        bans.put({HOST: until_ns}, NOW)
        ends.append(stored(bans)[HOST])

    assert [round(end, -1) for end in ends] == [60, 3600, 30, 0]


def test_removing_what_is_gone_does_not_matter(bans: NftBans) -> None:
    """Neither an element nor a whole set that is not there."""
    bans.put({HOST: 0, NET: 0}, NOW)
    bans.remove([HOST, NET6, ip_network("203.0.113.77")])
    bans.remove([HOST])

    assert stored(bans) == {NET: 0}


def test_an_expired_ban_is_removed_by_the_kernel(bans: NftBans) -> None:
    """There is nothing to sweep."""
    bans.put({HOST: NOW + 1, NET: NOW + HOUR}, NOW)

    assert bans.sweep(NOW + 2) == 0
    assert eventually(lambda: stored(bans).keys() == {NET}, 5)


def test_never_ban_networks_may_nest_and_touch(bans: NftBans) -> None:
    """Each keeps its reason; what lies inside another need not be named."""
    bans.set_guards(
        {
            ip_network("10.0.0.0/9"): Guard.OPERATOR,
            ip_network("10.128.0.0/9"): Guard.RESOLVER,
            ip_network("10.1.1.1"): Guard.OWN,
            ip_network("192.0.2.1"): Guard.GATEWAY,
            ip_network("fe80::/64"): Guard.SSH_PEER,
        }
    )
    bans.allow(HOST)
    bans.disallow(ip_network("fe80::/64"))

    assert bans.guards() == {
        ip_network("10.0.0.0/9"): Guard.OPERATOR,
        ip_network("10.128.0.0/9"): Guard.RESOLVER,
        ip_network("192.0.2.1"): Guard.GATEWAY,
        HOST: Guard.OPERATOR,
    }


def test_changes_of_others_are_noticed_by_the_generation(bans: NftBans) -> None:
    """Our own are known to be ours."""
    bans.repair(NOW)
    bans.put({HOST: 0}, NOW)
    bans.set_guards({NET: Guard.OWN})
    assert bans.untouched()

    nft(FOREIGN)
    assert not bans.untouched()
    assert bans.repair(NOW) == []
    assert bans.untouched()


@pytest.mark.parametrize(
    "harm",
    [
        "flush ruleset",
        "delete table inet floodwall",
        "flush chain inet floodwall bans",
        "flush chain inet floodwall judge",
        "insert rule inet floodwall judge accept",
        ANOTHER_HOOK,
        "flush set inet floodwall never4",
        "add element inet floodwall never6 { 2001:db8::/32 }",
    ],
)
def test_every_harm_is_repaired(bans: NftBans, harm: str) -> None:
    """Table, sets, chains and rules are as before; bans that went are the book's to put back."""
    bans.put({HOST: 0}, NOW)
    bans.set_guards({NET: Guard.OWN})
    before = nft("list table inet floodwall")
    nft(harm)
    assert len(bans.repair(NOW)) >= 1
    bans.put({HOST: 0}, NOW)

    assert nft("list table inet floodwall").splitlines() == before.splitlines()
    assert bans.repair(NOW) == []


def test_what_others_made_is_left_alone(bans: NftBans) -> None:
    """Through bans, repairs and the end."""
    nft(FOREIGN)
    before = nft("list table ip theirs")
    bans.put({HOST: 0}, NOW)
    nft("delete table inet floodwall")
    bans.repair(NOW)

    assert bans.destroy()
    assert not bans.destroy()
    assert nft("list ruleset") == before


def test_a_full_set_is_named(bans: NftBans, monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel says `Too many open files in system`, which nobody would understand."""
    monkeypatch.setattr("floodwall.act.nft_frame.BANS_MAX", 4)
    with pytest.raises(KernelError) as raised:
        bans.put({ip_network(f"203.0.113.{number}"): 0 for number in range(9)}, NOW)

    assert "the set is full" in raised.value.hint
    assert stored(bans) == {}


def test_thousands_are_written_at_once(bans: NftBans) -> None:
    """In one transaction, in more than one command."""
    many = {ip_network((0x0B000000 + number, 32)): NOW + HOUR for number in range(10_000)}
    bans.put(many, NOW)

    assert stored(bans).keys() == many.keys()


def test_the_outermost_networks_cover_all() -> None:
    """None of them lies in another."""
    names = ["10.0.0.0/8", "10.1.0.0/16", "10.0.0.0/9", "11.0.0.0/8", "9.9.9.9/32"]

    assert [str(net) for net in outermost(map(ip_network, names))] == [
        "9.9.9.9/32",
        "10.0.0.0/8",
        "11.0.0.0/8",
    ]
