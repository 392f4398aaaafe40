"""Bans as routes, in a namespace of our own."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest

from floodwall.act.ban_backend import Ban
from floodwall.act.ban_routes import RouteBans
from floodwall.core.model import SECOND_NS, Guard
from floodwall.kernel import blackholes
from tests.support.namespace import ip, own_namespace

pytestmark = pytest.mark.root

HOST, HOST6 = ip_network("203.0.113.9"), ip_network("2001:db8::9")
NET = ip_network("203.0.113.0/24")
NOW, HOUR = 5 * SECOND_NS, 3600 * SECOND_NS
OURS = ("table", "4987", "proto", "87")


@pytest.fixture
def bans(tmp_path: Path) -> Iterator[RouteBans]:
    """Return the bans of a fresh namespace."""
    with own_namespace():
        yield RouteBans(tmp_path)


def route_to(address: str) -> str:
    """Return what the kernel does with a packet to an address."""
    done = subprocess.run(
        ["ip", "route", "get", address], capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_bans_are_routes_that_say_when_they_end(bans: RouteBans) -> None:
    """Hosts and networks of both versions, with and without an end; seconds are rounded up."""
    bans.repair(NOW)
    bans.put({HOST: NOW + HOUR, HOST6: NOW + HOUR + 1, NET: 0}, NOW)

    assert set(bans.stored(NOW)) == {
        Ban(HOST, NOW + HOUR),
        Ban(HOST6, NOW + HOUR + SECOND_NS),
        Ban(NET, 0),
    }
    assert "Invalid argument" in route_to("203.0.113.9")


def test_a_ban_gets_another_end(bans: RouteBans, tmp_path: Path) -> None:
    """There is one route to a network, also for somebody else with the same table."""
    for until_ns in (NOW + 60 * SECOND_NS, NOW + HOUR, NOW + 30 * SECOND_NS, 0):
        bans.put({HOST: until_ns}, NOW)
        assert list(RouteBans(tmp_path).stored(NOW)) == [Ban(HOST, until_ns)]


def test_of_two_routes_the_later_one_counts(bans: RouteBans) -> None:
    """Somebody died between writing the new one and removing the old one."""
    for metric in ("100", "200"):
        ip("route", "add", "blackhole", str(HOST), "metric", metric, *OURS)

    assert list(bans.stored(NOW)) == [Ban(HOST, 200 * SECOND_NS)]
    assert len(blackholes.null_routes()) == 1


def test_expired_bans_are_swept(bans: RouteBans) -> None:
    """The kernel lets no blackhole expire."""
    bans.put({HOST: NOW + SECOND_NS * 20, NET: 0}, NOW)

    assert bans.sweep(NOW) == 0
    assert bans.sweep(NOW + 20 * SECOND_NS) == 1
    assert list(bans.stored(NOW)) == [Ban(NET, 0)]
    bans.remove([NET, HOST])
    assert list(bans.stored(NOW)) == []


def test_the_never_ban_set_leads_out_of_the_table(bans: RouteBans) -> None:
    """Inside of a banned network, and for the very network that is banned."""
    ip("link", "set", "lo", "up")
    ip("route", "add", "203.0.113.0/24", "dev", "lo")
    bans.repair(NOW)
    bans.put({NET: 0}, NOW)
    guards = {HOST: Guard.SSH_PEER, HOST6: Guard.GATEWAY}
    bans.set_guards(guards)
    assert bans.guards() == guards
    assert "dev lo" in route_to("203.0.113.9")
    assert "Invalid argument" in route_to("203.0.113.10")

    bans.allow(NET)
    assert list(bans.stored(NOW)) == []
    bans.disallow(NET)
    assert bans.guards() == guards


@pytest.mark.parametrize(
    "harm",
    [
        ("rule", "del", "pref", "10"),
        ("-6", "rule", "del", "pref", "10"),
        ("route", "flush", *OURS),
        ("route", "add", "throw", "10.0.0.0/8", "metric", "2", *OURS),
    ],
)
def test_every_harm_is_repaired(bans: RouteBans, harm: tuple[str, ...]) -> None:
    """Rules and never-ban routes; the bans are the book's to put back."""
    bans.repair(NOW)
    bans.set_guards({HOST: Guard.OWN})
    ip(*harm)

    assert len(bans.repair(NOW)) == 1
    assert bans.repair(NOW) == []
    assert blackholes.rules() == {4, 6}
    assert bans.guards() == {HOST: Guard.OWN}


def test_what_others_made_is_left_alone(bans: RouteBans) -> None:
    """Also a route in a table of our number."""
    ip("route", "add", "blackhole", "198.51.100.7", "table", "4987")
    ip("rule", "add", "pref", "10", "lookup", "5")
    bans.repair(NOW)
    bans.put({HOST: 0}, NOW)

    assert bans.destroy()
    assert not bans.destroy()
    left = subprocess.run(
        ["ip", "route", "show", "table", "4987"], capture_output=True, text=True, check=True
    )
    assert left.stdout.split() == ["blackhole", "198.51.100.7"]
    rules = subprocess.run(["ip", "rule"], capture_output=True, text=True, check=True)
    assert "10:\tfrom all lookup 5" in rules.stdout
    assert "4987" not in rules.stdout


def test_thousands_are_written(bans: RouteBans) -> None:
    """More than one message's worth of answers."""
    many = {ip_network((0x0B000000 + number, 32)): NOW + HOUR for number in range(5000)}
    bans.put(many, NOW)

    assert {ban.network for ban in bans.stored(NOW)} == many.keys()
