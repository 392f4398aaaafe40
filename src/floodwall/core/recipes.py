"""Classic recipes against SYN floods, for who wants them; each with its warning.

Law: a half-open entry proves nothing about the address in it.  Without the operator's waiver only
addresses that completed a handshake before are banned, and no subnet ever is.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network

from floodwall.core.address import Network
from floodwall.core.bans import Charge, judge_charges, say_once
from floodwall.core.commands import Command, RecordDecision
from floodwall.core.decision import Act, Decision
from floodwall.core.ladder import conclude
from floodwall.core.model import SECOND_NS, HalfOpen, Service
from floodwall.core.observation import Observation
from floodwall.core.settings import ServiceMode, Settings
from floodwall.core.settings_response import RateAct, Recipes
from floodwall.core.state import State
from floodwall.core.upkeep import Step
from floodwall.core.verdict import Evidence

SUMMARY_NS = 60 * SECOND_NS
"""Unproven sources above a limit are told as a number, once in so long: they may be millions."""

WAIVER = "i_know_sources_can_be_forged = true"

UNCOUNTED = "the SYNs of one address and port all leave one half-open entry"

ADDRESS = {4: 32, 6: 128}
"""Each address by itself."""

CHARGES_MAX = 1024
"""Networks charged in one second; the next second brings the next."""


@dataclass(frozen=True, slots=True)
class _Recipe:
    """What is counted, by what, and the limit."""

    name: str
    allowed: int
    """The largest count that is no ground for a ban."""
    counts: Callable[[HalfOpen], bool]
    bits: Mapping[int, int]
    """Length of the prefix that is counted together, by IP version."""
    text: str
    """With `{count}` and `{allowed}`."""


def run_recipes(state: State, seen: Observation) -> Step:
    """Ban by the recipes that are on; tell why those that cannot work do not."""
    recipes = state.settings.recipes
    commands: list[Command] = []
    for name, why in refusals(state.settings, plane=seen.data_plane):
        said = say_once(state.response, f"{name} {why}", seen.now_ns)
        if said is not None:
            state = replace(state, response=said)
            commands.append(RecordDecision(_refusal(name, why, seen.now_ns)))
    cooking = tuple(_wanted(recipes))
    if not cooking or not seen.half_open:
        return state, commands
    queues = _strict_queues(state, seen.half_open)
    charges: list[Charge] = []
    for recipe in cooking:
        for service, entries in queues:
            fit, unfit = _charges(recipe, service, entries, recipes)
            charges += fit
            if unfit:
                state, told = _leave(state, recipe, service, unfit, seen.now_ns)
                commands += told
    charges.sort(key=lambda charge: -charge.weight)
    state, banned = judge_charges(state, seen, charges[:CHARGES_MAX])
    return state, commands + banned


def refusals(settings: Settings, *, plane: bool) -> Iterator[tuple[str, str]]:
    """Yield each recipe that is on and cannot be done, with the reason.

    `plane` tells whether the data plane is attached: it alone counts each SYN, and challenges.
    """
    recipes, services = settings.recipes, settings.services
    yield from _rate_refusals(recipes, plane=plane)
    if recipes.subnet and not recipes.i_know_sources_can_be_forged:
        yield "recipes.subnet", f"bans hosts that did nothing; needs {WAIVER}"
    if ServiceMode.STRICT is not services.mode and not services.strict_ports:
        for recipe in _wanted(recipes):
            yield recipe.name, "no service is in mode strict, and no other mode bans"
        if plane and recipes.drops and (recipes.address_rate or recipes.port_rate):
            yield (
                "recipes.rate_act",
                "cannot drop: no service is in mode strict; challenge is in force instead",
            )
    elif plane:
        yield from _unreachable(settings)


def _rate_refusals(recipes: Recipes, *, plane: bool) -> Iterator[tuple[str, str]]:
    rates = {
        "recipes.address_rate": recipes.address_rate,
        "recipes.port_rate": recipes.port_rate,
    }
    act = recipes.rate_act
    instead = "challenge is in force instead" if plane else "nothing is in force"
    for name in (name for name, rate in rates.items() if rate):
        if act is RateAct.BAN:
            if name == "recipes.port_rate":
                yield name, f"cannot ban: {UNCOUNTED}; {instead}"
        elif not plane:
            yield name, f"cannot {act}: no data plane is attached that counts SYNs"
        elif act is RateAct.DROP and not recipes.drops:
            yield name, f"cannot drop: a SYN's source can be forged; {instead}, until {WAIVER}"


def _unreachable(settings: Settings) -> Iterator[tuple[str, str]]:
    """Yield recipes whose limit no source reaches, because it is challenged before."""
    recipes, debt = settings.recipes, settings.debt
    # A debt halves about as often as an entry dies: what is left of it may be half as much again.
    limits = (
        ("recipes.half_open", recipes.half_open, 2 * debt.source_max, "debt.source_max"),
        ("recipes.subnet", recipes.subnet, 2 * debt.prefix_max, "debt.prefix_max"),
    )
    for name, limit, most, key in limits:
        if 0 < most <= limit:
            yield name, f"never reached: above {key} a source is challenged and leaves no entry"
    if recipes.rate_act is RateAct.BAN and 0 < debt.source_max < recipes.address_rate:
        yield (
            "recipes.address_rate",
            "never reached: above debt.source_max a source is challenged and leaves no entry",
        )


def _wanted(recipes: Recipes) -> Iterator[_Recipe]:
    if recipes.address_rate and recipes.rate_act is RateAct.BAN:
        yield _Recipe(
            "recipes.address_rate",
            # The data plane challenges the SYN after these: no more entries can be found.
            recipes.address_rate - 1,
            lambda entry: entry.retransmits == 0,
            ADDRESS,
            "at least {count} SYNs in a second",
        )
    if recipes.half_open:
        yield _Recipe(
            "recipes.half_open",
            recipes.half_open,
            lambda _: True,
            ADDRESS,
            "{count} SYN_RECV entries, more than {allowed}",
        )
    if recipes.subnet and recipes.i_know_sources_can_be_forged:
        yield _Recipe(
            "recipes.subnet",
            recipes.subnet,
            lambda _: True,
            {4: recipes.subnet_ipv4, 6: recipes.subnet_ipv6},
            "{count} SYN_RECV entries of one subnet, more than {allowed}",
        )


def _network(version: int, prefix: int, bits: int) -> Network:
    if version == 4:
        return IPv4Network((prefix << 32 - bits, bits))
    return IPv6Network((prefix << 128 - bits, bits))


def _strict_queues(
    state: State, half_open: Iterable[HalfOpen]
) -> list[tuple[Service, list[HalfOpen]]]:
    queues: dict[int | None, list[HalfOpen]] = {
        service.index: [] for service in state.table.services if service.mode is ServiceMode.STRICT
    }
    if queues:
        for entry in half_open:
            queue = queues.get(state.table.keys.get(entry.local))
            if queue is not None:
                queue.append(entry)
    return [(s, queues[s.index]) for s in state.table.services if queues.get(s.index)]


def _charges(
    recipe: _Recipe, service: Service, entries: list[HalfOpen], recipes: Recipes
) -> tuple[list[Charge], int]:
    """Return who is to be banned, and how many would be if they had proven themselves."""
    counted = [entry for entry in entries if recipe.counts(entry)]
    addresses = Counter(entry.remote.address for entry in counted)
    unproven = {entry.remote.address for entry in counted if not entry.proven}
    totals: Counter[tuple[int, int]] = Counter()
    for address, count in addresses.items():
        shift = address.max_prefixlen - recipe.bits[address.version]
        totals[address.version, int(address) >> shift] += count
    over = {
        _network(version, prefix, recipe.bits[version]): count
        for (version, prefix), count in totals.items()
        if count > recipe.allowed
    }
    waived = recipes.i_know_sources_can_be_forged
    fit = [n for n in over if waived or n.network_address not in unproven]
    return [_charge(recipe, service, n, over[n]) for n in fit], len(over) - len(fit)


def _charge(recipe: _Recipe, service: Service, network: Network, count: int) -> Charge:
    text = recipe.text.format(count=count, allowed=recipe.allowed)
    return Charge(
        network=network,
        service=service,
        rule=recipe.name,
        text=f"{text}, to {service.name}",
        evidence=(Evidence("half_open", count, recipe.allowed, text),),
    )


def _leave(
    state: State, recipe: _Recipe, service: Service, count: int, now_ns: int
) -> tuple[State, list[Command]]:
    said = say_once(state.response, f"{recipe.name} unproven", now_ns, SUMMARY_NS)
    if said is None:
        return state, []
    why = (
        f"{count} sources at {service.name} are above {recipe.allowed}, but never proved "
        "themselves: not banned, their addresses may be forged"
    )
    evidence = Evidence("unproven_sources", count, 0, why)
    decision = _refusal(recipe.name, why, now_ns)
    decision = replace(decision, service=service.index, evidence=(evidence,))
    return replace(state, response=said), [RecordDecision(decision)]


def _refusal(name: str, why: str, now_ns: int) -> Decision:
    return conclude(name, Act.REFUSE, now_ns, name, f"{name}: {why}")
