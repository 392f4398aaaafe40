"""Bans by rule: who is let in to the ban list, for how long, and who is let out again.

Law: no ban by rule without proof or the operator's waiver, none without an end, none that touches
whom nobody may ban, and none in a second in which the never-ban set could not be sensed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from floodwall.core.address import Network
from floodwall.core.commands import Ban, Command, Lift, RecordDecision
from floodwall.core.decision import Act, Decision
from floodwall.core.duration import format_duration
from floodwall.core.ladder import OPERATOR, RULES, allows, conclude
from floodwall.core.model import SECOND_NS, Guard, Service
from floodwall.core.networks import NetworkSet, as_network
from floodwall.core.never_ban import refusal
from floodwall.core.observation import Observation
from floodwall.core.response import Offence, Response
from floodwall.core.settings import Bans as Terms
from floodwall.core.state import State
from floodwall.core.upkeep import Step
from floodwall.core.verdict import Evidence

T = TypeVar("T")

MINUTE_NS = 60 * SECOND_NS
"""No network is banned, lifted and banned again within it."""

OFFENCES_MAX = 65536
"""Past bans remembered, so that a next one is longer; the oldest are forgotten first."""

AGREE_EVERY = 5
"""Bans are compared one by one every so many seconds; else only their number is."""

SAID_MAX = 1024
"""Refusals remembered, so that each is told once an hour."""

SAY_AGAIN_NS = 3600 * SECOND_NS

_SUBNET_BITS = 64
_GLOBAL_IPV6_BITS = 3  # 2000::/3, RFC 4291 section 2.4


@dataclass(frozen=True, slots=True)
class Charge:
    """A network that a rule wants banned, and why."""

    network: Network
    service: Service
    rule: str
    text: str
    """What it did, like `70 silent connections to *:80 nginx, more than 64`."""
    evidence: tuple[Evidence, ...]

    @property
    def weight(self) -> float:
        """Order charges by how far above the limit they are."""
        first = self.evidence[0]
        return first.value / max(first.limit or 1, 1)


def judge_charges(state: State, seen: Observation, charges: Iterable[Charge]) -> Step:
    """Ban whom the caps, the ladder and the never-ban set let be banned; the worst come first."""
    # What a banned source had open stays open for a while: it goes on being charged.
    fresh = [charge for charge in charges if charge.network not in state.response.bans]
    if not fresh or seen.protected is None:
        return state, []
    court = _Court(state, seen)
    for charge in sorted(fresh, key=lambda charge: -charge.weight):
        court.hear(charge)
    return court.verdict()


def lift_bans(state: State, seen: Observation) -> Step:
    """Forget bans that ended, and lift those whose ground is gone."""
    now_ns, old = seen.now_ns, state.response
    response = replace(
        old,
        bans=_without(old.bans, [n for n, b in old.bans.items() if 0 < b.until_ns <= now_ns]),
        rests=_without(old.rests, [n for n, until_ns in old.rests.items() if until_ns <= now_ns]),
        guarded=(state.never_ban, state.known.addresses),
        settled=state.settings,
    )
    changed = old.settled is not state.settings or old.guarded != response.guarded
    if not changed or not response.bans:
        return replace(state, response=response), []
    grounds = _Grounds(replace(state, response=response))
    kept, rests, commands = dict(response.bans), dict(response.rests), list[Command]()
    for network, ban in response.bans.items():
        if why := grounds.gone(ban):
            del kept[network]
            rests[network] = max(now_ns, ban.decision.at_ns) + MINUTE_NS
            commands.append(_lift(ban, now_ns, why))
    return replace(state, response=replace(response, bans=kept, rests=rests)), commands


def agree_on_bans(state: State, seen: Observation) -> Step:
    """Take over what others did to the bans: an operator, an earlier daemon, a refusal."""
    if seen.bans is None or _is_agreed(state, seen.bans, seen.now_ns):
        return state, []
    response, rest_ns = state.response, int(state.settings.bans.first_s * SECOND_NS)
    bans, rests = dict(response.bans), dict(response.rests)
    for network in response.bans.keys() - seen.bans.keys():
        ended = 0 < bans.pop(network).until_ns <= seen.now_ns
        if not ended:
            # A rule does not overrule a word, nor a refusal, a second later.
            rests[network] = seen.now_ns + rest_ns
    for network, until_ns in seen.bans.items():
        known = bans.get(network)
        if known is None or not _ends_together(known.until_ns, until_ns):
            bans[network] = Ban(network, until_ns, _word(network, until_ns, seen.now_ns))
    return replace(state, response=replace(response, bans=bans, rests=rests)), []


def _is_agreed(state: State, bans: Mapping[Network, int], now_ns: int) -> bool:
    """Tell whether nobody but us had a hand in the bans, looking closely every few seconds."""
    closely = now_ns // SECOND_NS % AGREE_EVERY == 0
    return len(bans) == len(state.response.bans) and not closely


def _ends_together(one_ns: int, other_ns: int) -> bool:
    """Tell whether two bans end at the same time, as far as what keeps them can tell."""
    return one_ns == other_ns or (one_ns > 0 < other_ns and abs(one_ns - other_ns) < SECOND_NS)


def is_by_rule(ban: Ban) -> bool:
    """Tell whether a rule of ours made a ban, and may lift it; all others are an operator's."""
    return ban.decision.rule in RULES and ban.decision.rule != OPERATOR


def guards(state: State) -> dict[Network, Guard]:
    """Return whom nobody may ban: the never-ban set, and own addresses whatever it says."""
    own: dict[Network, Guard] = {as_network(a): Guard.OWN for a in state.known.addresses}
    return {**(state.never_ban or {}), **own}


def say_once(
    response: Response, key: str, now_ns: int, every_ns: int = SAY_AGAIN_NS
) -> Response | None:
    """Return the memory with `key` said now, or None if it was said a while ago only."""
    last_ns = response.said.get(key)
    if last_ns is not None and now_ns - last_ns < every_ns:
        return None
    said = {**response.said, key: now_ns}
    if len(said) > SAID_MAX:
        said.pop(next(iter(said)))
    return replace(response, said=said)


class _Grounds:
    """What bans stand on at present."""

    def __init__(self, state: State) -> None:
        self._guards = guards(state)
        self._guarded = NetworkSet(self._guards)
        self._modes = {service.index: service.mode for service in state.table.services}
        self._recipes = state.settings.recipes

    def gone(self, ban: Ban) -> str:
        """Say why a ban must go; nothing if it may stay, or if it is an operator's."""
        decision = ban.decision
        if not is_by_rule(ban):
            return ""
        if touched := self._guarded.touching(ban.network):
            return f"{touched} is protected now: {self._guards[touched]}"
        mode = self._modes.get(decision.service) if decision.service is not None else None
        if mode is not None and not allows(decision.rule, mode):
            return f"mode {mode} does not ban"
        section, _, key = decision.rule.partition(".")
        if section == "recipes" and not getattr(self._recipes, key):
            return f"{decision.rule} is off now"
        return ""


class _Court:
    """Hears the charges of one second."""

    def __init__(self, state: State, seen: Observation) -> None:
        self._state = state
        self._now_ns = seen.now_ns
        self._terms = state.settings.bans
        self._guards = guards(state)
        self._guarded = NetworkSet(self._guards)
        response = state.response
        self._response = response
        self._bans = dict(response.bans)
        self._offences = dict(response.offences)
        second = seen.now_ns // SECOND_NS
        self._second = second
        self._pace = {at: n for at, n in response.pace.items() if second - 60 < at <= second}
        self._networks = sum(1 for ban in self._by_rule() if _is_wide(ban.network))
        self._space = {
            version: sum(_space(b.network) for b in self._by_rule() if b.network.version == version)
            for version in (4, 6)
        }
        self._count = max(len(self._bans), sum(seen.signs.bans.values()))
        self._banned = NetworkSet(network for network in self._bans if _is_wide(network))
        self._commands: list[Command] = []

    def hear(self, charge: Charge) -> None:
        """Ban one network, or refuse it; silently if it is banned already or must be left."""
        network = charge.network
        if network in self._bans or network.network_address in self._banned:
            return
        if self._now_ns < self._response.rests.get(network, 0):
            return
        if not allows(charge.rule, charge.service.mode):
            self._refuse(charge, "mode", f"mode {charge.service.mode} of the service does not ban")
        elif why := refusal(network, self._touching(network), self._terms, self._count):
            key = "full" if self._count >= self._terms.max_count else str(network)
            self._refuse(charge, key, why)
        elif why := self._cap(network):
            self._refuse(charge, why, why)
        else:
            self._ban(charge)

    def verdict(self) -> Step:
        """Return what is to be remembered and what is to be done."""
        response = replace(
            self._response,
            bans=self._bans,
            offences=_prune(self._offences, self._now_ns, self._terms),
            pace=self._pace,
        )
        return replace(self._state, response=response), self._commands

    def _by_rule(self) -> Iterable[Ban]:
        return (ban for ban in self._bans.values() if is_by_rule(ban))

    def _touching(self, network: Network) -> dict[Network, Guard]:
        touched = self._guarded.touching(network)
        return {} if touched is None else {touched: self._guards[touched]}

    def _cap(self, network: Network) -> str:
        terms, version = self._terms, network.version
        if sum(self._pace.values()) >= terms.per_minute:
            return f"{terms.per_minute} bans were made within a minute (bans.per_minute)"
        if _is_wide(network) and self._networks >= terms.max_networks:
            return f"{self._networks} networks are banned (bans.max_networks)"
        if self._space[version] + _space(network) > terms.space_share:
            return (
                f"bans would cover more than {terms.space_share:.3%} of IPv{version} "
                "(bans.space_share)"
            )
        return ""

    def _ban(self, charge: Charge) -> None:
        network, now_ns = charge.network, self._now_ns
        length_ns, count = _term(self._offences.get(network), now_ns, self._terms)
        until_ns = now_ns + length_ns
        again = "" if count == 1 else f", for the {count}. time"
        decision = conclude(
            charge.rule,
            Act.BAN,
            now_ns,
            str(network),
            f"banned {network} for {format_duration(length_ns / SECOND_NS)}{again}: "
            f"{charge.text} ({charge.rule})",
            mode=charge.service.mode,
            service=charge.service.index,
            network=network,
            until_ns=until_ns,
            evidence=charge.evidence,
        )
        ban = Ban(network, until_ns, decision)
        self._bans[network] = ban
        self._offences[network] = Offence(count, until_ns)
        self._pace[self._second] = self._pace.get(self._second, 0) + 1
        self._networks += _is_wide(network)
        self._space[network.version] += _space(network)
        self._count += 1
        self._commands.append(ban)

    def _refuse(self, charge: Charge, key: str, why: str) -> None:
        said = say_once(self._response, f"{charge.rule} {key}", self._now_ns)
        if said is None:
            return
        self._response = said
        decision = conclude(
            charge.rule,
            Act.REFUSE,
            self._now_ns,
            str(charge.network),
            f"did not ban {charge.network}, {charge.text}: {why}",
            service=charge.service.index,
            network=charge.network,
            evidence=charge.evidence,
        )
        self._commands.append(RecordDecision(decision))


def _without(table: Mapping[Network, T], ended: list[Network]) -> Mapping[Network, T]:
    """Return a table without some of its entries; the same one if there are none."""
    if not ended:
        return table
    gone = frozenset(ended)
    return {network: entry for network, entry in table.items() if network not in gone}


def _word(network: Network, until_ns: int, now_ns: int) -> Decision:
    return Decision(
        at_ns=now_ns,
        act=Act.BAN,
        rule=OPERATOR,
        subject=str(network),
        text=f"{network} is banned by a word from outside",
        network=network,
        until_ns=until_ns,
        undone_by=RULES[OPERATOR].undone_by,
    )


def _lift(ban: Ban, now_ns: int, why: str) -> Lift:
    decision = conclude(
        ban.decision.rule,
        Act.LIFT,
        now_ns,
        str(ban.network),
        f"lifted the ban of {ban.network}: {why}",
        service=ban.decision.service,
        network=ban.network,
        evidence=ban.decision.evidence,
    )
    return Lift(ban.network, decision)


def _term(before: Offence | None, now_ns: int, terms: Terms) -> tuple[int, int]:
    """Return the length of the next ban in nanoseconds, and its number."""
    forget_ns = int(terms.forget_s * SECOND_NS)
    known = before is not None and now_ns - before.until_ns < forget_ns
    count = before.count + 1 if before is not None and known else 1
    # 64 doublings are longer than any longest_s, and a float still takes them.
    length_s = min(terms.first_s * terms.growth ** min(count - 1, 64), terms.longest_s)
    return int(length_s * SECOND_NS), count


def _prune(offences: dict[Network, Offence], now_ns: int, terms: Terms) -> dict[Network, Offence]:
    if len(offences) <= OFFENCES_MAX:
        return offences
    # An eighth at a time, so that a full memory is not sorted every second.
    forget_ns = int(terms.forget_s * SECOND_NS)
    newest = sorted(offences.items(), key=lambda item: -item[1].until_ns)[: OFFENCES_MAX * 7 // 8]
    return {net: offence for net, offence in newest if now_ns - offence.until_ns < forget_ns}


def _is_wide(network: Network) -> bool:
    return network.prefixlen < network.max_prefixlen


def _space(network: Network) -> float:
    """Return the share of IPv4, or of 2000::/3 counted in /64, that a network covers."""
    if network.version == 4:
        return 2.0**-network.prefixlen
    return 2.0 ** (_GLOBAL_IPV6_BITS - min(network.prefixlen, _SUBNET_BITS))
