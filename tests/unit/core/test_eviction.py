"""What banned sources leave behind."""

import pytest

from floodwall.core.commands import Ban, CloseConnections, DestroyHalfOpen
from floodwall.core.decision import Act
from floodwall.core.eviction import AGAIN_NS
from floodwall.core.model import SECOND_NS, Guard, Protected
from floodwall.core.settings import Bans, HalfOpenPolicy, ServiceMode, Services, Settings
from tests.support.drill import Drill, net, peer, second, strict
from tests.support.playbook import HOME, endpoint, half_open

BOT = peer("203.0.113.9", mute=65)
BANNED = net("203.0.113.9/32")
WEB = endpoint(str(HOME), 80)
ENTRY = half_open("203.0.113.9", retransmits=0, proven=True)
FRIEND = frozenset({Protected(BANNED, Guard.GATEWAY)})


def with_ban(settings: Settings | None = None, network: str = "203.0.113.9/32") -> Drill:
    """Begin with a ban of an operator."""
    return Drill(settings).ban(network)


def test_a_ban_closes_connections_in_the_same_second() -> None:
    """After the ban itself, or the source would come back at once."""
    drill = Drill(strict()).seconds(0, 2, BOT) >> second(3, BOT)
    kinds = [type(command) for command in drill.only(Ban, CloseConnections)]
    (command,) = drill.only(CloseConnections)

    assert kinds == [Ban, CloseConnections]
    assert command.networks == {BANNED}
    assert WEB in command.endpoints
    assert command.decision.act is Act.DESTROY
    assert command.decision.text == "close what 1 banned sources hold open"


def test_what_was_not_closed_is_tried_again_later() -> None:
    """Not every second: where the kernel cannot, it cannot."""
    drill = with_ban() >> second(1, BOT)
    assert drill.only(CloseConnections)
    again_s = AGAIN_NS // SECOND_NS

    assert drill.seconds(2, again_s, BOT).only(CloseConnections) == []
    assert (drill >> second(again_s + 1, BOT)).only(CloseConnections)


def test_a_ban_closes_also_what_is_too_small_to_be_listed() -> None:
    """The largest peers are listed; whoever is banned is looked for among all."""
    drill = Drill(strict()) >> second(0, bans={BANNED: 0})
    assert drill.only(CloseConnections)[0].networks == {BANNED}
    assert (drill >> second(1, bans={BANNED: 0})).only(CloseConnections) == []

    drill = Drill(strict()) >> second(0, bans={BANNED: 0}, protected=FRIEND)
    assert drill.only(CloseConnections) == []


def test_others_keep_their_connections() -> None:
    """Whoever is not banned, and whoever nobody may ban even if a ban is there."""
    drill = with_ban()

    assert (drill >> second(2, peer("203.0.113.8", mute=65))).only(CloseConnections) == []
    assert (drill >> second(3, BOT, protected=FRIEND)).only(CloseConnections) == []


def test_a_banned_network_is_found_by_its_addresses() -> None:
    """Each peer of it is named."""
    drill = with_ban(network="203.0.113.0/24") >> second(1, BOT)

    assert drill.only(CloseConnections)[0].networks == {BANNED}


@pytest.mark.parametrize(
    "settings",
    [
        Settings(bans=Bans(close=False)),
        Settings(services=Services(mode=ServiceMode.OBSERVE)),
    ],
)
def test_connections_are_left_where_the_settings_say_so(settings: Settings) -> None:
    """Switched off, and for services that are only observed."""
    assert (with_ban(settings) >> second(0, BOT)).only(CloseConnections) == []


def test_a_ban_empties_the_queue_of_its_source() -> None:
    """Also of proven sources, which arming spares; never of whom nobody may ban."""
    drill = with_ban() >> second(0, half_open=(ENTRY, half_open("198.51.100.7")))
    assert drill.only(DestroyHalfOpen) == [DestroyHalfOpen("*:80", (ENTRY,))]

    drill >> second(1, half_open=(ENTRY,), protected=FRIEND)
    assert drill.only(DestroyHalfOpen) == []


@pytest.mark.parametrize(
    "settings",
    [
        Settings(half_open=HalfOpenPolicy(destroy=False)),
        Settings(services=Services(mode=ServiceMode.OBSERVE)),
    ],
)
def test_queues_are_left_alone_where_the_settings_say_so(settings: Settings) -> None:
    """An observed service is not touched, whoever is banned."""
    assert (with_ban(settings) >> second(0, half_open=(ENTRY,))).only(DestroyHalfOpen) == []
