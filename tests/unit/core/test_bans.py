"""Bans by rule: caps, escalation, the never-ban set, and the way out."""

from dataclasses import replace
from ipaddress import ip_address
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.address import Network
from floodwall.core.bans import (
    OFFENCES_MAX,
    Charge,
    is_by_rule,
    judge_charges,
    say_once,
)
from floodwall.core.commands import Ban, Lift, RecordDecision
from floodwall.core.decision import Act, Decision
from floodwall.core.model import SECOND_NS, Guard, Protected
from floodwall.core.networks import as_network
from floodwall.core.response import Offence, Response
from floodwall.core.settings import Bans, Protect, Settings
from floodwall.core.settings_response import Recipes
from floodwall.core.signs import Signs
from floodwall.core.verdict import Evidence
from tests.support.drill import Drill, net, peer, second, strict
from tests.support.playbook import HOME, START_NS, half_open, quiet

BOT = peer("203.0.113.9", mute=65)
NETWORK = net("203.0.113.9/32")


def ready(settings: Settings) -> Drill:
    """Begin with a strict web server."""
    return Drill(settings) >> second(-0.5)


def charge(drill: Drill, network: str, rule: str = "recipes.subnet", count: float = 10) -> Charge:
    """Accuse a network of something."""
    (service,) = drill.state.table.services
    evidence = (Evidence("half_open", count, 5, "made up"),)
    return Charge(net(network), service, rule, "made up", evidence)


def tried(drill: Drill, *networks: str, now_s: float = 0, signs: Signs | None = None) -> list[str]:
    """Accuse networks in one second; return those that are banned, then what was refused."""
    seen = quiet(now_s, signs=signs or Signs())
    drill.state, commands = judge_charges(
        drill.state, seen, [charge(drill, network) for network in networks]
    )
    return [
        str(c.network) if isinstance(c, Ban) else c.decision.text.partition(": ")[2]
        for c in commands
        if isinstance(c, Ban | RecordDecision)
    ]


def banned(drill: Drill) -> set[str]:
    """Return what is banned now."""
    return {str(network) for network in drill.state.response.bans}


def test_a_banned_source_is_not_banned_again() -> None:
    """What it had open stays open for a while; that is no new offence."""
    drill = Drill(strict()).seconds(0, 3, BOT)

    assert drill.bans == [str(NETWORK)]
    assert drill.seconds(4, 602, BOT).bans == []


def test_each_ban_is_longer_up_to_a_limit() -> None:
    """10, 20, 40, 80, 160 and then 240 minutes; the decision says which one it is."""
    drill, now_s, lengths = Drill(strict()), 0.0, []
    for number in range(1, 8):
        for _ in range(4):
            drill >> second(now_s, BOT)
            now_s += 1
        (ban,) = drill.only(Ban)
        lengths.append((ban.until_ns - ban.decision.at_ns) // (60 * SECOND_NS))
        assert (f"for the {number}. time" in ban.decision.text) == (number > 1)
        now_s += (ban.until_ns - ban.decision.at_ns) / SECOND_NS

    assert lengths == [10, 20, 40, 80, 160, 240, 240]


def test_old_offences_are_forgotten() -> None:
    """A day after the end of its last ban a source begins anew."""
    drill = Drill(strict()).seconds(0, 3, BOT)
    drill.seconds(86400 + 603, 86400 + 606, BOT)

    (ban,) = drill.only(Ban)
    assert ban.until_ns - ban.decision.at_ns == 600 * SECOND_NS


@given(st.floats(1, 100), st.integers(0, 10**6))
def test_no_number_of_offences_is_too_long(growth: float, count: int) -> None:
    """However often, however steep: never longer than the longest, and no overflow."""
    drill = Drill(strict(bans=Bans(growth=growth)))
    known = Response(offences={NETWORK: Offence(count, START_NS)})
    drill.state = replace(drill.state, response=known)
    drill.seconds(0, 3, BOT)

    (ban,) = drill.only(Ban)
    assert 600 * SECOND_NS <= ban.until_ns - ban.decision.at_ns <= 14400 * SECOND_NS


@pytest.mark.parametrize("guard", Guard)
def test_nobody_protected_is_banned(guard: Guard) -> None:
    """The refusal is told once, with the reason."""
    drill = Drill(strict())
    friend = frozenset({Protected(net("203.0.113.0/24"), guard)})
    drill.seconds(0, 60, BOT, protected=friend)

    assert drill.bans == []
    (refused,) = drill.told(Act.REFUSE)
    assert refused.endswith(f"touches 203.0.113.0/24, protected: {guard}")


def test_own_addresses_are_protected_whatever_the_set_says() -> None:
    """They are known from another sensor, too."""
    drill = Drill(strict())

    assert drill.seconds(0, 10, peer(str(HOME), mute=1000)).bans == []


def test_the_operators_list_is_protected() -> None:
    """Settings count from the second in which they are read."""
    drill = Drill(strict(protect=Protect(never_ban=(net("203.0.113.9/32"),))))

    assert drill.seconds(0, 10, BOT).bans == []


def test_a_ban_of_whom_nobody_may_ban_any_more_is_lifted() -> None:
    """An administrator logs in from a banned address, by another interface: he is let in."""
    drill = Drill(strict()).seconds(0, 3, BOT)
    peers = frozenset({Protected(NETWORK, Guard.SSH_PEER)})
    drill >> second(4, BOT, protected=peers)

    (lift,) = drill.only(Lift)
    assert lift.network == NETWORK
    assert lift.decision.act is Act.LIFT
    assert lift.decision.text == (
        "lifted the ban of 203.0.113.9/32: 203.0.113.9/32 is protected now: SSH peer"
    )
    assert banned(drill) == set()


def test_lifting_and_banning_do_not_take_turns() -> None:
    """A network is banned anew a minute after its ban was lifted, not before."""
    drill = Drill(strict(protect=Protect(ssh_linger_s=0))).seconds(0, 3, BOT)
    peers = frozenset({Protected(NETWORK, Guard.SSH_PEER)})
    times = [3]
    for now_s in range(4, 200):
        drill >> second(now_s, BOT, protected=peers if now_s % 10 == 4 else frozenset())
        times += [now_s for _ in drill.bans]

    assert len(times) > 2
    assert all(later - sooner >= 60 for sooner, later in pairwise(times))


def test_a_milder_mode_lifts_the_bans_of_the_rules() -> None:
    """But not those of an operator."""
    drill = Drill(strict()).seconds(0, 3, BOT)
    drill.ban("198.51.100.7/32")
    drill.reload(Settings())
    drill >> second(4, BOT)

    assert drill.lifts == [str(NETWORK)]
    assert drill.told(Act.LIFT) == ["lifted the ban of 203.0.113.9/32: mode protect does not ban"]
    assert banned(drill) == {"198.51.100.7/32"}


def test_a_recipe_that_is_turned_off_takes_its_bans_along() -> None:
    """Its bans stand on nothing any more."""
    on = Recipes(half_open=10)
    drill = Drill(strict(recipes=on))
    entries = tuple(half_open("203.0.113.9", proven=True) for _ in range(11))
    drill >> second(0, half_open=entries)
    assert drill.bans == [str(NETWORK)]

    drill.reload(strict())
    assert (drill >> second(1)).told(Act.LIFT) == [
        "lifted the ban of 203.0.113.9/32: recipes.half_open is off now"
    ]


def test_an_ended_ban_is_forgotten_silently() -> None:
    """The kernel has let the source in on its own; its expiry was told with the ban."""
    drill = Drill(strict()).seconds(0, 3, BOT)

    assert banned(drill >> second(602)) == {str(NETWORK)}
    drill >> second(603)
    assert banned(drill) == set()
    assert drill.decisions == []


def test_the_number_of_bans_is_capped() -> None:
    """All of them: also what other hands put into the kernel counts."""
    drill = ready(strict(bans=Bans(max_count=3)))

    assert tried(drill, "10.0.0.1", signs=Signs(bans={"xdp": 2, "nft": 1})) == [
        "there are 3 bans, and no more than 3 are allowed"
    ]
    assert tried(drill, "10.0.0.1", "10.0.0.2", "10.0.0.3") == [
        "10.0.0.1/32",
        "10.0.0.2/32",
        "10.0.0.3/32",
    ]


def test_the_pace_of_bans_is_capped() -> None:
    """In any minute; refusals are told once, and the next minute goes on."""
    drill = ready(strict(bans=Bans(per_minute=2)))

    assert tried(drill, "10.0.0.1", "10.0.0.2", now_s=0) == ["10.0.0.1/32", "10.0.0.2/32"]
    assert tried(drill, "10.0.0.3", "10.0.0.4", now_s=30) == [
        "2 bans were made within a minute (bans.per_minute)"
    ]
    assert tried(drill, "10.0.0.3", now_s=59) == []
    assert tried(drill, "10.0.0.3", now_s=60) == ["10.0.0.3/32"]


def test_the_number_of_banned_networks_is_capped() -> None:
    """Single addresses do not count for it."""
    drill = ready(strict(bans=Bans(max_networks=1)))

    assert tried(drill, "10.0.0.0/24", "10.0.1.0/24", "10.0.2.1") == [
        "10.0.0.0/24",
        "1 networks are banned (bans.max_networks)",
        "10.0.2.1/32",
    ]


@pytest.mark.parametrize(
    ("share", "networks", "allowed"),
    [
        (0.001, [f"10.{n}.0.0/16" for n in range(70)], 65),
        (2**-20, ["3fff:100::/32", "3fff:200::/32"], 2),
        (2**-29, ["3fff:100::/32", "3fff:200::/32"], 1),
        (0, ["10.0.0.1"], 0),
    ],
)
def test_the_share_of_address_space_is_capped(
    share: float, networks: list[str], allowed: int
) -> None:
    """A thousandth of IPv4 is 65 networks of a /16; IPv6 has a share of its own."""
    drill = ready(strict(bans=Bans(space_share=share)))
    tried(drill, *networks)

    assert len(banned(drill)) == allowed


def test_an_address_inside_a_banned_network_is_banned_already() -> None:
    """One entry does for both."""
    drill = ready(strict())

    assert tried(drill, "10.0.0.0/24") == ["10.0.0.0/24"]
    assert tried(drill, "10.0.0.9") == []


def test_operators_bans_count_for_no_cap_of_the_rules() -> None:
    """Their word is their own."""
    drill = ready(strict(bans=Bans(max_networks=1, space_share=2**-16)))
    drill.ban("10.1.0.0/16")

    assert tried(drill, "10.0.0.0/24") == ["10.0.0.0/24"]


def test_an_operators_ban_without_end_has_none() -> None:
    """It is not forgotten by the passing of time."""
    drill = Drill()
    drill.ban("10.1.0.0/16")

    assert banned(drill >> second(10**9)) == {"10.1.0.0/16"}


def told_bans(drill: Drill) -> dict[Network, int]:
    """Return what a daemon says about bans if nobody but the core had a hand in them."""
    return {network: ban.until_ns for network, ban in drill.state.response.bans.items()}


def test_what_an_operator_lifted_stays_lifted_for_a_while() -> None:
    """As long as a first ban: a rule does not overrule a word a second later."""
    drill = Drill(strict()).seconds(0, 3, BOT) >> second(4, BOT, bans={})

    assert banned(drill) == set()
    assert drill.seconds(5, 603, BOT, bans={}).bans == []
    assert (drill >> second(604, BOT, bans={})).bans == [str(NETWORK)]


def test_a_ban_that_ended_was_not_lifted() -> None:
    """Whoever goes on is banned at once, and for longer."""
    drill = Drill(strict()).seconds(0, 3, BOT)
    for now_s in range(4, 605):
        bans = told_bans(drill) if now_s < 603 else {}
        drill >> second(now_s, BOT, bans=bans)
        if drill.bans:
            break

    assert now_s == 603
    assert "for the 2. time" in drill.told(Act.BAN)[0]


def test_an_operators_ban_is_known_from_the_next_second_on() -> None:
    """By whatever way it was made; no rule bans the source again, none lifts it."""
    drill = Drill(strict()).seconds(0, 9, BOT, bans={NETWORK: 0})
    assert drill.bans == []

    drill.reload(Settings())
    assert (drill >> second(10, bans={NETWORK: 0})).lifts == []
    assert not is_by_rule(drill.state.response.bans[NETWORK])


def test_a_ban_that_an_operator_changed_is_his() -> None:
    """He made a ban by rule last longer: a milder mode does not lift it any more."""
    drill = Drill(strict()).seconds(0, 3, BOT)
    assert told_bans(drill >> second(4, bans=told_bans(drill))) != {NETWORK: 0}
    assert is_by_rule(drill.state.response.bans[NETWORK])

    drill >> second(5, bans={NETWORK: 0})
    drill.reload(Settings())
    assert (drill >> second(6, bans={NETWORK: 0})).lifts == []


def test_a_restart_does_not_make_a_ban_the_operators() -> None:
    """What keeps it may round its end by a little."""
    drill = Drill(strict()).seconds(0, 3, BOT)
    until_ns = drill.state.response.bans[NETWORK].until_ns - SECOND_NS // 10
    drill >> second(5, bans={NETWORK: until_ns})

    assert is_by_rule(drill.state.response.bans[NETWORK])


def test_a_ban_of_an_unknown_rule_is_left_alone() -> None:
    """A newer daemon, or an older one, had rules that this one does not know."""
    drill = Drill(strict())
    past = Ban(NETWORK, 0, Decision(START_NS, Act.BAN, "found", str(NETWORK), "held before"))
    memory = replace(drill.state.response, bans={NETWORK: past})
    drill.state = replace(drill.state, response=memory)
    drill.reload(Settings())
    drill >> second(0, protected=frozenset({Protected(NETWORK, Guard.GATEWAY)}))

    assert drill.lifts == []


@pytest.mark.slow
def test_memory_of_offences_is_bounded() -> None:
    """The oldest are forgotten first, an eighth at a time."""
    many = {
        as_network(ip_address(n)): Offence(1, START_NS + n)
        for n in range(0x0A000000, 0x0A000000 + OFFENCES_MAX)
    }
    drill = ready(strict())
    drill.state = replace(drill.state, response=Response(offences=many))
    tried(drill, "10.255.0.1")
    kept = drill.state.response.offences

    assert len(kept) == OFFENCES_MAX * 7 // 8
    assert net("10.255.0.1/32") in kept
    assert net("10.0.0.0/32") not in kept


def test_refusals_remembered_are_bounded() -> None:
    """Each is told again after an hour."""
    memory: Response | None = Response()
    for number in range(5000):
        assert memory is not None
        memory = say_once(memory, str(number), number)
    assert memory is not None
    assert len(memory.said) == 1024
    assert say_once(memory, "4999", 5000) is None
    assert say_once(memory, "4999", 5000 + 3600 * SECOND_NS) is not None
