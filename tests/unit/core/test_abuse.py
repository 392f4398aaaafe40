"""Who is a proven abuser: limits of the operator, exceeded for long enough."""

from dataclasses import replace
from ipaddress import ip_address
from itertools import chain, repeat
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.abuse import excesses
from floodwall.core.commands import Ban
from floodwall.core.decision import Act
from floodwall.core.model import SECOND_NS
from floodwall.core.settings import ServiceMode, Services, Settings
from floodwall.core.settings_response import SourceLimits
from floodwall.core.signs import Peer, Signs
from tests.support.drill import Drill, peer, second, strict
from tests.support.playbook import START_NS

BOT = peer("203.0.113.9", mute=65)
LIMITS = SourceLimits()


def test_a_source_above_a_limit_is_banned_after_a_while() -> None:
    """Three seconds in a row by default; the decision says what it did and by which rule."""
    drill = Drill(strict())
    assert drill.seconds(0, 2, BOT).bans == []
    drill >> second(3, BOT)

    (ban,) = drill.only(Ban)
    assert str(ban.network) == "203.0.113.9/32"
    assert ban.until_ns == START_NS + 603 * SECOND_NS == ban.decision.until_ns
    assert ban.decision.act is Act.BAN
    assert ban.decision.rule == "limits.idle"
    assert ban.decision.service == 0
    assert ban.decision.text == (
        "banned 203.0.113.9/32 for 10m: 65 connections that never sent a byte, more than 64, "
        "to *:80 for 3s (limits.idle)"
    )
    assert [(e.name, e.value, e.limit) for e in ban.decision.evidence] == [
        ("mute_connections", 65, 64)
    ]
    assert "expiry" in ban.decision.undone_by


def test_the_evidence_names_a_port() -> None:
    """A provider who lets many share an address asks for it, RFC 6302; text and weight stay."""
    drill = Drill(strict())
    drill.seconds(0, 3, replace(BOT, port=40_001))
    decision = drill.only(Ban)[0].decision

    assert decision.evidence[0].name == "mute_connections"
    assert [(e.name, e.value, e.limit) for e in decision.evidence[1:]] == [
        ("source_port", 40_001, None)
    ]
    assert "40001" not in decision.text


@pytest.mark.parametrize("mode", [m for m in ServiceMode if m is not ServiceMode.STRICT])
def test_no_other_mode_bans(mode: ServiceMode) -> None:
    """However bad it is."""
    drill = Drill(Settings(services=Services(mode=mode)))

    assert drill.seconds(0, 30, peer("203.0.113.9", mute=10**6, opened=10**6)).bans == []


def test_a_strict_port_bans_alone() -> None:
    """Other services of the same machine keep their mode."""
    assert Drill(Settings(services=Services(strict_ports=(80,)))).seconds(0, 3, BOT).bans
    assert not Drill(Settings(services=Services(strict_ports=(81,)))).seconds(0, 3, BOT).bans


def test_whoever_stops_in_time_is_not_banned() -> None:
    """The seconds above a limit count in a row."""
    drill = Drill(strict()).seconds(0, 2, BOT)
    drill >> second(3)

    assert drill.seconds(4, 6, BOT).bans == []
    assert (drill >> second(7, BOT)).bans == ["203.0.113.9/32"]


def test_a_long_silence_is_not_in_a_row() -> None:
    """A machine that slept for a minute has not seen a minute of abuse."""
    drill = Drill(strict()) >> second(0, BOT)

    assert (drill >> second(60, BOT)).bans == []


def test_a_failing_sensor_neither_bans_nor_forgets() -> None:
    """Connections that could not be read for a second are no proof, and no alibi."""
    drill = Drill(strict()).seconds(0, 1, BOT)
    drill >> second(2, signs=Signs())
    assert drill.bans == []

    assert (drill >> second(3, BOT)).bans == ["203.0.113.9/32"]


def test_nobody_is_banned_while_the_never_ban_set_cannot_be_seen() -> None:
    """An SSH peer may just have logged in."""
    drill = Drill(strict())
    assert drill.seconds(0, 9, BOT, protected=None).bans == []

    assert (drill >> second(10, BOT)).bans == ["203.0.113.9/32"]


@pytest.mark.parametrize(
    ("source", "rules"),
    [
        (peer("::1", mute=64), []),
        (peer("::1", mute=65), ["limits.idle"]),
        (peer("::1", mute=65, concurrent=130), []),
        (peer("::1", mute=65, concurrent=129), ["limits.idle"]),
        (peer("::1", concurrent=4096), []),
        (peer("::1", concurrent=4097), ["limits.concurrent"]),
        (peer("::1", opened=200), []),
        (peer("::1", opened=201), ["limits.new_rate"]),
        (
            peer("::1", mute=5000, concurrent=5000, opened=300),
            ["limits.idle", "limits.concurrent", "limits.new_rate"],
        ),
    ],
)
def test_limits_are_what_they_say(source: Peer, rules: list[str]) -> None:
    """Exactly the limit is allowed."""
    assert [rule for rule, _ in excesses(source, LIMITS)] == rules


@given(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6))
def test_zero_is_no_limit(mute: int, concurrent: int, opened: int) -> None:
    """Each limit can be taken away."""
    none = SourceLimits(concurrent=0, idle=0, new_rate=0)

    assert not list(excesses(peer("::1", mute=mute, concurrent=concurrent, opened=opened), none))


def test_a_keep_alive_is_not_silence() -> None:
    """Connections that said something and wait for more count for `concurrent` only."""
    browser = Peer(ip_address("198.51.100.7"), concurrent=500, silent=500, opened=2, mute=0)

    assert Drill(strict()).seconds(0, 30, browser).bans == []


@pytest.mark.slow
def test_crowds_carriers_and_health_checks_are_not_abuse() -> None:
    """An hour in mode strict with its defaults: no ban."""
    random = Random(9)
    drill = Drill(strict())
    checker = peer("198.51.100.1", concurrent=1, opened=50)
    for now_s in range(0, 3600, 2):
        carrier = peer(
            "198.51.100.2",
            concurrent=random.randrange(1500, 2600),
            mute=random.randrange(40, 260),
            opened=random.randrange(20, 60),
        )
        crowd = [
            peer(
                f"203.0.113.{n}",
                concurrent=random.randrange(30),
                mute=random.randrange(4),
                opened=random.randrange(25),
            )
            for n in range(200)
        ]
        drill >> second(now_s, checker, carrier, *crowd)
        assert drill.decisions == []


def test_the_worst_come_first_when_bans_are_few() -> None:
    """With room for two a minute, those go that exceed their limit most."""
    sources = [peer(f"203.0.113.{n}", mute=100 * n) for n in range(1, 9)]
    drill = Drill(strict(bans={"per_minute": 2})).seconds(0, 3, *sources)

    assert drill.bans == ["203.0.113.8/32", "203.0.113.7/32"]
    (refused,) = drill.told(Act.REFUSE)
    assert refused == (
        "did not ban 203.0.113.6/32, 600 connections that never sent a byte, more than 64, "
        "to *:80 for 3s: 2 bans were made within a minute (bans.per_minute)"
    )


def test_sources_watched_are_bounded() -> None:
    """Those of the last second only are remembered."""
    drill = Drill(strict())
    for now_s, kept in enumerate(chain(range(200), repeat(0, 2))):
        drill >> second(now_s, *(peer(f"10.0.{now_s % 7}.{n}", mute=100) for n in range(kept)))
        assert len(drill.state.response.watches) == kept
