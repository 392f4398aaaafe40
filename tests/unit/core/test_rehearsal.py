"""Whom mode `strict` would have banned where services are only observed."""

from ipaddress import ip_network
from typing import Any

import pytest

from floodwall.core.commands import Ban, RecordDecision
from floodwall.core.decision import Act, Decision
from floodwall.core.model import SECOND_NS, Guard, Protected
from floodwall.core.rehearsal import rehearse_bans
from floodwall.core.response import Rehearsed
from floodwall.core.settings import Bans, ServiceMode, Services, Settings
from floodwall.core.settings_response import Recipes
from floodwall.core.signs import Peer
from tests.support.drill import Drill, peer, second, strict
from tests.support.playbook import START_NS, half_open

BOT = peer("203.0.113.9", mute=65)
OBSERVED = Services(mode=ServiceMode.OBSERVE)


def observing(**sections: Any) -> Drill:
    """Begin a drill in which every service is only observed."""
    return Drill(Settings(**({"services": OBSERVED} | sections)))


def would(drill: Drill) -> list[Decision]:
    """Return the bans that were only said."""
    made = [command.decision for command in drill.only(RecordDecision)]
    return [decision for decision in made if decision.act is Act.WOULD_BAN]


def test_what_strict_would_do_is_told_with_rule_and_evidence() -> None:
    """And nothing is done."""
    drill = observing().seconds(0, 2, BOT)
    assert would(drill) == []
    drill >> second(3, BOT)
    (decision,) = would(drill)

    assert drill.only(Ban) == []
    assert drill.state.response.bans == {}
    assert (decision.rule, decision.network) == ("limits.idle", ip_network("203.0.113.9"))
    assert decision.until_ns == START_NS + 603 * SECOND_NS
    assert decision.text == (
        "mode strict would ban 203.0.113.9/32 for 10m: 65 connections that never sent a byte, "
        "more than 64 (limits.idle); *:80 is only observed, and nothing is done"
    )
    assert decision.undone_by == "nothing: it was not done"
    assert [each.name for each in decision.evidence] == ["mute_connections"]


def test_it_is_told_once_for_as_long_as_it_would_hold() -> None:
    """Then again, and longer, as in earnest: nothing closed what the source holds."""
    drill = observing()
    told = []
    for now_s in range(610):
        drill >> second(now_s, BOT)
        told += would(drill)

    assert [round((each.until_ns - each.at_ns) / SECOND_NS) for each in told] == [600, 1200]


@pytest.mark.parametrize("source", ["192.0.2.10", "198.51.100.1"])
def test_whom_strict_would_spare_is_not_told(source: str) -> None:
    """Own addresses and gateways."""
    guard = frozenset({Protected(ip_network("198.51.100.1"), Guard.GATEWAY)})
    drill = observing()
    for now_s in range(9):
        drill >> second(now_s, peer(source, mute=65), protected=guard)
        assert would(drill) == []


def test_a_rehearsal_decides_as_earnest_does() -> None:
    """The same sources at the same times, with the same caps: RELIABILITY number 9."""
    crowd: list[Peer] = [peer(f"203.0.113.{n}", mute=60 + n) for n in range(1, 40)]
    terms = Bans(max_count=12, per_minute=5)
    rehearsal, earnest = observing(bans=terms), Drill(strict(bans=terms))
    for now_s in range(200):
        rehearsal >> second(now_s, *crowd)
        earnest >> second(now_s, *crowd)
        made = [(ban.network, ban.until_ns) for ban in earnest.only(Ban)]

        assert [(each.network, each.until_ns) for each in would(rehearsal)] == made
    assert len(rehearsal.state.response.rehearsed.bans) == 12


def test_recipes_are_rehearsed_too() -> None:
    """Only proven sources, without the waiver."""
    recipes = Recipes(half_open=10)
    entries = tuple(half_open("203.0.113.9", proven=True) for _ in range(11))
    forged = tuple(half_open("203.0.113.10") for _ in range(11))
    drill = observing(recipes=recipes) >> second(0, half_open=entries + forged)

    assert [(each.rule, str(each.network)) for each in would(drill)] == [
        ("recipes.half_open", "203.0.113.9/32")
    ]


def test_other_services_ban_in_earnest_meanwhile() -> None:
    """And whoever is banned needs no rehearsal."""
    drill = Drill(Settings(services=Services(strict_ports=(80,), observe_ports=(81,))))
    drill.seconds(0, 3, BOT)

    assert [str(ban.network) for ban in drill.only(Ban)] == ["203.0.113.9/32"]
    assert would(drill) == []


def test_without_observed_services_nothing_is_remembered() -> None:
    """A mode that was changed is not held against anybody later."""
    drill = observing().seconds(0, 3, BOT)
    assert drill.state.response.rehearsed.bans
    drill.reload(Settings())
    drill >> second(4, BOT)

    assert drill.state.response.rehearsed == Rehearsed()
    assert rehearse_bans(drill.state, second(5, BOT))[1] == []
