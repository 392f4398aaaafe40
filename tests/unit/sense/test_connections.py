"""Who holds connections."""

from ipaddress import ip_address, ip_network

import pytest

from floodwall.core.address import Network, pack
from floodwall.core.model import SECOND_NS, Endpoint
from floodwall.core.signs import Connections, Peer
from floodwall.kernel import sockdiag
from floodwall.kernel.sockdiag import Established
from floodwall.sense import connections
from floodwall.sense.connections import Among, ConnectionSensor
from tests.support.playbook import HOME, endpoint

KEYS = {endpoint("192.0.2.10", 80): 0, endpoint("192.0.2.10", 443): 1}
OWN = frozenset({HOME})
IDLE_S = 10.0


def row(
    remote: str, cookie: int, quiet_s: float = 0, received: int = 9, local: Endpoint | None = None
) -> Established:
    """Make a connection to port 80."""
    local = local or endpoint("192.0.2.10", 80)
    place = (pack(local.address), local.port)
    return Established(*place, pack(remote), 40000 + cookie, cookie, int(quiet_s * 1000), received)


class World:
    """The connections that the kernel lists, second by second."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sensor = ConnectionSensor()
        self.rows: list[Established] = []
        self.banned: frozenset[Network] = frozenset()
        monkeypatch.setattr(sockdiag, "established", lambda: self.rows)

    def see(self, second: float, *rows: Established) -> tuple[Connections, ...] | None:
        """Look at these."""
        self.rows = list(rows)
        return self.sensor.read(int(second * SECOND_NS), Among(KEYS, OWN, IDLE_S, self.banned))


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """A machine with two services."""
    return World(monkeypatch)


def test_peers_are_summed_up(world: World) -> None:
    """Idle is who sent nothing of late, mute who never did; a port of each is kept."""
    found = world.see(
        0,
        row("198.51.100.7", 1),
        row("198.51.100.7", 2, quiet_s=10),
        row("198.51.100.7", 3, quiet_s=11, received=0),
        row("198.51.100.8", 4, quiet_s=2, received=0),
        row("198.51.100.8", 5, quiet_s=0.5, received=0),
    )

    assert found is not None
    assert found[0] == Connections(
        index=0,
        established=5,
        silent=2,
        opened=0,
        sources=2,
        peers=(
            Peer(ip_address("198.51.100.7"), concurrent=3, silent=2, opened=0, mute=1, port=40001),
            Peer(ip_address("198.51.100.8"), concurrent=2, silent=0, opened=0, mute=0, port=40004),
        ),
    )


def test_a_service_without_connections_has_none(world: World) -> None:
    """Empty is not unseen."""
    assert world.see(0) == (Connections(0, 0, 0, 0, 0), Connections(1, 0, 0, 0, 0))


def test_others_do_not_count(world: World) -> None:
    """Other ports, other addresses, and what we hold with ourselves: the canary is no client."""
    found = world.see(
        0,
        row("198.51.100.7", 1, local=endpoint("192.0.2.10", 22)),
        row("198.51.100.7", 2, local=endpoint("192.0.2.11", 80)),
        row("192.0.2.10", 3),
        row("2001:db8::7", 4, local=endpoint("192.0.2.10", 443)),
    )

    assert found is not None
    assert [each.established for each in found] == [0, 1]


def test_new_connections_are_counted_from_the_second_look_on(world: World) -> None:
    """The first look finds what was there before us; a cookie is never used twice."""
    first = world.see(0, row("198.51.100.7", 1))
    second = world.see(1, row("198.51.100.7", 1), row("198.51.100.7", 2), row("198.51.100.8", 3))

    assert first is not None
    assert second is not None
    assert first[0].opened == 0
    assert second[0].opened == 2
    assert [peer.opened for peer in second[0].peers] == [1, 1]


def test_connections_of_a_new_service_are_not_new(world: World) -> None:
    """They were there before we protected it."""
    elsewhere = endpoint("192.0.2.11", 80)
    rows = [row("198.51.100.7", number, local=elsewhere) for number in range(9)]
    world.see(0, *rows)
    found = world.sensor.read(SECOND_NS, Among({elsewhere: 2}, OWN, IDLE_S))

    assert found is not None
    assert (found[0].established, found[0].opened) == (9, 0)


def test_a_gap_is_not_taken_for_a_burst(world: World) -> None:
    """After seconds without a look, what is new is told for one of them."""
    world.see(0)
    found = world.see(4, *(row("198.51.100.7", number) for number in range(10)))

    assert found is not None
    assert found[0].opened == 3
    assert found[0].peers[0].opened == 2


def test_the_largest_peers_of_each_measure_are_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bounded; the sums hold everybody."""
    monkeypatch.setattr(connections, "PEERS_MAX", 1)
    world.see(0)
    many = [row("198.51.100.1", number, received=1) for number in range(5)]
    mute = [row("198.51.100.2", number, quiet_s=60, received=0) for number in range(10, 13)]
    few = [row("198.51.100.3", 20), row("198.51.100.4", 21)]
    found = world.see(1, *few, *many, *mute)

    assert found is not None
    assert [str(peer.address) for peer in found[0].peers] == ["198.51.100.1", "198.51.100.2"]
    assert (found[0].established, found[0].sources) == (10, 4)


def test_very_many_connections_are_looked_at_less_often(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """None in between: not seen is not gone."""
    monkeypatch.setattr(connections, "SOCKETS_A_SECOND", 2)
    rows = [row("198.51.100.1", number) for number in range(5)]
    seen = [world.see(second, *rows) is not None for second in range(7)]

    assert seen == [True, False, False, True, False, False, True]


def test_the_banned_make_room_for_those_who_are_not(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ban does not close a connection; the next abuser must be seen all the same."""
    monkeypatch.setattr(connections, "PEERS_MAX", 1)
    world.banned = frozenset({ip_network("198.51.100.1"), ip_network("2001:db8::1")})
    rows = [
        *(row("198.51.100.1", number) for number in range(9)),
        *(row("2001:db8::1", number) for number in range(20, 28)),
        *(row("198.51.100.2", number) for number in range(40, 43)),
        row("198.51.100.3", 50),
    ]
    found = world.see(0, *rows)

    assert found is not None
    assert [str(peer.address) for peer in found[0].peers] == ["198.51.100.2"]
    assert (found[0].established, found[0].sources) == (21, 4)
