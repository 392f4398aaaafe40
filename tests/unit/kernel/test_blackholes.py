"""Routes that lead nowhere, in a namespace of our own."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from floodwall.kernel import blackholes
from floodwall.kernel.blackholes import Fate, NullRoute
from tests.support.namespace import ip, own_namespace

pytestmark = pytest.mark.root

ROUTES = [
    NullRoute(ip_network("203.0.113.0/24"), Fate.BLACKHOLE, 7),
    NullRoute(ip_network("203.0.113.9/32"), Fate.THROW, 8),
    NullRoute(ip_network("2001:db8::/48"), Fate.BLACKHOLE, 0xFFFFFFFF),
    NullRoute(ip_network("::/0"), Fate.THROW, 9),
    NullRoute(ip_network("0.0.0.0/0"), Fate.BLACKHOLE, 10),
]


@pytest.fixture(autouse=True)
def namespace() -> Iterator[None]:
    """Stay in a fresh namespace."""
    with own_namespace():
        yield


def test_routes_are_read_as_they_were_written() -> None:
    """And writing or removing one a second time does not matter."""
    assert blackholes.null_routes() == []
    blackholes.add(ROUTES)
    blackholes.add(ROUTES[:1])
    assert set(blackholes.null_routes()) == set(ROUTES)

    blackholes.remove(ROUTES[1:])
    blackholes.remove(ROUTES[1:])
    assert blackholes.null_routes() == ROUTES[:1]


def test_routes_of_others_are_not_ours() -> None:
    """Of another table, of another protocol, or of another kind."""
    ip("route", "add", "blackhole", "203.0.113.9", "proto", "87")
    ip("route", "add", "blackhole", "203.0.113.9", "table", "4987")
    ip("route", "add", "prohibit", "203.0.113.9", "table", "4987", "proto", "87", "metric", "3")

    assert blackholes.null_routes() == []


def test_rules_come_and_go() -> None:
    """Both versions; a rule of somebody else at the same place is not ours."""
    ip("rule", "add", "pref", "10", "lookup", "4987")
    assert blackholes.versions() == {4, 6}
    assert blackholes.rules() == frozenset()
    for version in (4, 4, 6):
        blackholes.add_rule(version)
    assert blackholes.rules() == {4, 6}

    blackholes.remove_rule(4)
    assert blackholes.rules() == {6}
