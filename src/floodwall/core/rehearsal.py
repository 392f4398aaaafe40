"""Whom mode `strict` would have banned at services that are only observed: told, never done.

Law: the same rules, caps and never-ban set as in earnest, on a memory of their own.  Nothing here
makes a command but for the record.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from floodwall.core.abuse import ban_abusers
from floodwall.core.commands import Ban, Command, RecordDecision
from floodwall.core.decision import Act
from floodwall.core.duration import format_duration
from floodwall.core.ladder import conclude
from floodwall.core.model import SECOND_NS
from floodwall.core.observation import Observation
from floodwall.core.recipes import run_recipes
from floodwall.core.response import Rehearsed
from floodwall.core.settings import ServiceMode
from floodwall.core.state import State
from floodwall.core.upkeep import Step


def rehearse_bans(state: State, seen: Observation) -> Step:
    """Say whom the rules would ban if the services in mode observe were in mode strict."""
    as_if = _as_if(state, seen.now_ns)
    if not as_if.table.services:
        return replace(state, response=replace(state.response, rehearsed=Rehearsed())), []
    commands: list[Command] = []
    for rule in (ban_abusers, run_recipes):
        as_if, made = rule(as_if, seen)
        commands += made
    after = as_if.response
    rehearsed = Rehearsed(
        bans={net: ban for net, ban in after.bans.items() if net not in state.response.bans},
        offences=after.offences,
        watches=after.watches,
        pace=after.pace,
        said=after.said,
    )
    response = replace(state.response, rehearsed=rehearsed)
    return replace(state, response=response), list(_told(commands, state, seen.now_ns))


def _as_if(state: State, now_ns: int) -> State:
    """Return a state in which only the observed services are there, and ban."""
    before = state.response.rehearsed
    observed = tuple(
        replace(service, mode=ServiceMode.STRICT)
        for service in state.table.services
        if service.mode is ServiceMode.OBSERVE
    )
    running = {net: ban for net, ban in before.bans.items() if ban.until_ns > now_ns}
    response = replace(
        state.response,
        # Who is banned in earnest needs no rehearsal, and takes up room in the caps.
        bans={**running, **state.response.bans},
        offences=before.offences,
        watches=before.watches,
        pace=before.pace,
        said=before.said,
    )
    return replace(state, table=replace(state.table, services=observed), response=response)


def _told(commands: Sequence[Command], state: State, now_ns: int) -> Iterator[Command]:
    """Make of each ban a sentence; who would have been spared is no news."""
    names = {service.index: service.name for service in state.table.services}
    for ban in commands:
        if not isinstance(ban, Ban):
            continue
        made = ban.decision
        where = names.get(made.service, "") if made.service is not None else ""
        length = format_duration((ban.until_ns - now_ns) / SECOND_NS)
        what = "; ".join(each.text for each in made.evidence)
        decision = conclude(
            made.rule,
            Act.WOULD_BAN,
            now_ns,
            made.subject,
            f"mode strict would ban {ban.network} for {length}: {what} ({made.rule}); "
            f"{where} is only observed, and nothing is done",
            service=made.service,
            network=made.network,
            until_ns=ban.until_ns,
            evidence=made.evidence,
        )
        yield RecordDecision(replace(decision, undone_by="nothing: it was not done"))
