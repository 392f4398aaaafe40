"""The classic recipes, and what they refuse."""

import pytest

from floodwall.core.commands import SetLimits, SetMachineLimits
from floodwall.core.decision import Act
from floodwall.core.model import Guard, HalfOpen, Protected
from floodwall.core.recipes import refusals
from floodwall.core.settings import ServiceMode, Services, Settings
from floodwall.core.settings_response import RateAct, Recipes
from tests.support.drill import Drill, net, second, strict
from tests.support.playbook import Playbook, half_open, listener, quiet


def entries(source: str, count: int, **more: bool) -> tuple[HalfOpen, ...]:
    """Leave half-open entries of one source."""
    return tuple(half_open(source, retransmits=1, **more) for _ in range(count))


def cook(recipes: Recipes, *queue: HalfOpen, **more: object) -> Drill:
    """Run recipes over one second of a strict service."""
    return Drill(strict(recipes=recipes)) >> second(0, half_open=queue, **more)


def test_a_proven_source_above_the_count_is_banned() -> None:
    """Exactly the limit is allowed; the warning stands beside the setting."""
    assert cook(Recipes(half_open=10), *entries("203.0.113.9", 10, proven=True)).bans == []
    drill = cook(Recipes(half_open=10), *entries("203.0.113.9", 11, proven=True))

    assert drill.bans == ["203.0.113.9/32"]
    (told,) = drill.told(Act.BAN)
    assert told == (
        "banned 203.0.113.9/32 for 10m: 11 SYN_RECV entries, more than 10, to *:80 "
        "(recipes.half_open)"
    )


def test_unproven_sources_are_refused_as_a_number() -> None:
    """They may be millions: one sentence a minute, naming none of them."""
    queue = [e for n in range(1, 200) for e in entries(f"203.0.113.{n}", 11)]
    drill = cook(Recipes(half_open=10), *queue)

    assert drill.bans == []
    (told,) = drill.told(Act.REFUSE)
    assert told == (
        "recipes.half_open: 199 sources at *:80 are above 10, but never proved themselves: "
        "not banned, their addresses may be forged"
    )
    assert (drill >> second(59, half_open=tuple(queue))).decisions == []
    assert (drill >> second(60, half_open=tuple(queue))).told(Act.REFUSE)


def test_one_unproven_entry_is_enough_to_refuse() -> None:
    """Every entry that is counted must be of a proven source."""
    queue = (*entries("203.0.113.9", 11, proven=True), *entries("203.0.113.9", 1))

    assert cook(Recipes(half_open=10), *queue).bans == []


def test_who_knows_what_he_does_bans_the_unproven() -> None:
    """The waiver is the operator's word."""
    drill = cook(
        Recipes(half_open=10, i_know_sources_can_be_forged=True), *entries("203.0.113.9", 11)
    )

    assert drill.bans == ["203.0.113.9/32"]


def test_the_waiver_waives_no_protection() -> None:
    """Not even then a gateway."""
    gateway = frozenset({Protected(net("203.0.113.1/32"), Guard.GATEWAY)})
    recipes = Recipes(half_open=10, subnet=10, i_know_sources_can_be_forged=True)
    drill = cook(recipes, *entries("203.0.113.1", 50), protected=gateway)

    assert drill.bans == []
    assert len(drill.told(Act.REFUSE)) == 2


@pytest.mark.parametrize("mode", [m for m in ServiceMode if m is not ServiceMode.STRICT])
def test_no_other_mode_runs_a_recipe(mode: ServiceMode) -> None:
    """And says so."""
    settings = Settings(
        services=Services(mode=mode),
        recipes=Recipes(half_open=10, i_know_sources_can_be_forged=True),
    )
    drill = Drill(settings)
    drill.state = Playbook(settings).state
    drill >> second(0, half_open=entries("203.0.113.9", 50))

    assert drill.bans == []
    assert drill.told(Act.REFUSE) == [
        "recipes.half_open: no service is in mode strict, and no other mode bans"
    ]


def test_the_rate_counts_entries_younger_than_a_second() -> None:
    """No SYN-ACK of theirs was sent again.  Of a faster source there are as many as the rate."""
    recipes = Recipes(address_rate=10, rate_act=RateAct.BAN)
    young = tuple(half_open("203.0.113.9", retransmits=0, proven=True) for _ in range(10))
    old = entries("203.0.113.8", 50, proven=True)

    assert cook(recipes, *young, *old).bans == ["203.0.113.9/32"]
    assert cook(recipes, *young[:9], *old).bans == []


def test_a_subnet_is_banned_only_with_the_waiver() -> None:
    """Its other hosts have done nothing."""
    queue = [e for n in range(1, 12) for e in entries(f"203.0.113.{n}", 1, proven=True)]
    six = [half_open(f"2001:db8:0:7::{n:x}", proven=True) for n in range(1, 12)]

    assert cook(Recipes(subnet=10), *queue).bans == []
    assert cook(Recipes(subnet=10, i_know_sources_can_be_forged=True), *queue, *six).bans == [
        "203.0.113.0/24",
        "2001:db8:0:7::/64",
    ]
    assert cook(Recipes(subnet=11, i_know_sources_can_be_forged=True), *queue).bans == []


@pytest.mark.parametrize(
    ("recipes", "refused"),
    [
        (Recipes(), []),
        (Recipes(address_rate=10, port_rate=10), []),
        (Recipes(port_rate=10, rate_act=RateAct.DROP), ["recipes.port_rate"]),
        (
            Recipes(port_rate=10, rate_act=RateAct.DROP, i_know_sources_can_be_forged=True),
            [],
        ),
        (Recipes(port_rate=10, rate_act=RateAct.BAN), ["recipes.port_rate"]),
        (Recipes(address_rate=10, rate_act=RateAct.DROP), ["recipes.address_rate"]),
        (Recipes(address_rate=10, rate_act=RateAct.BAN), []),
        (Recipes(subnet=10), ["recipes.subnet"]),
        (Recipes(subnet=10, i_know_sources_can_be_forged=True), []),
        (Recipes(half_open=31), []),
        (Recipes(half_open=32), ["recipes.half_open"]),
        (Recipes(subnet=512, i_know_sources_can_be_forged=True), ["recipes.subnet"]),
        (Recipes(address_rate=17, rate_act=RateAct.BAN), ["recipes.address_rate"]),
    ],
)
def test_what_cannot_be_done_is_refused(recipes: Recipes, refused: list[str]) -> None:
    """Once, with the reason; nothing pretends to be in force."""
    drill = cook(recipes)

    assert [name for name, _ in refusals(strict(recipes=recipes), plane=True)] == refused
    assert [d.rule for d in drill.decisions if d.act is Act.REFUSE] == refused
    assert (drill >> second(1)).decisions == []


def test_without_a_data_plane_nothing_counts_or_challenges() -> None:
    """On a lower rung of mechanisms the recipes that live on entries are all that is left."""
    rates = Recipes(address_rate=10, port_rate=10)
    drill = Drill(strict(recipes=rates)) >> second(0, data_plane=False)

    assert drill.told(Act.REFUSE) == [
        "recipes.address_rate: cannot challenge: no data plane is attached that counts SYNs",
        "recipes.port_rate: cannot challenge: no data plane is attached that counts SYNs",
    ]
    assert not list(refusals(strict(recipes=Recipes(half_open=1000)), plane=False))


@pytest.mark.parametrize("act", RateAct)
@pytest.mark.parametrize("waived", [False, True])
def test_only_the_waiver_lets_the_data_plane_drop(act: RateAct, *, waived: bool) -> None:
    """Otherwise a source above a hard rate is challenged, at every SYN."""
    recipes = Recipes(
        address_rate=10, port_rate=20, rate_act=act, i_know_sources_can_be_forged=waived
    )
    book = Playbook(strict(recipes=recipes)) >> quiet(targets=(listener(),))
    (machine,) = book.only(SetMachineLimits)
    (service,) = book.only(SetLimits)

    assert machine.limits.rate_source_max == 10
    assert machine.limits.rate_port_max == 20
    assert service.limits.rate_drop == (waived and act is RateAct.DROP)


def test_who_wants_drops_and_has_no_strict_service_is_told() -> None:
    """The rate challenges then, as without the waiver."""
    recipes = Recipes(port_rate=10, rate_act=RateAct.DROP, i_know_sources_can_be_forged=True)

    assert [name for name, _ in refusals(Settings(recipes=recipes), plane=True)] == [
        "recipes.rate_act"
    ]
    assert list(refusals(strict(recipes=recipes), plane=True)) == []


@pytest.mark.slow
def test_forged_sources_leave_nothing_behind() -> None:
    """A queue full of strangers in every second: no ban, no memory of any of them."""
    drill = Drill(strict(recipes=Recipes(half_open=1, address_rate=1, rate_act=RateAct.BAN)))
    for now_s in range(20):
        queue = [
            half_open(f"10.{now_s}.{n % 250}.{n // 250}", retransmits=0)
            for n in range(2000)
            for _ in range(2)
        ]
        drill >> second(now_s, half_open=tuple(queue))
        assert drill.bans == []

    response = drill.state.response
    assert (response.bans, response.offences, response.watches, response.rests) == ({},) * 4
    assert len(response.said) <= 4
