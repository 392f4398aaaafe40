"""`floodwall harden HOST...`: one plan a machine, one question, and each on trial first."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from floodwall.audit.plan import Plan
from floodwall.audit.profile import Profile
from floodwall.cli.fleet import Fleet, exit_code
from floodwall.cli.harden_words import agree, plan_document, plan_lines
from floodwall.cli.record_lines import say
from floodwall.fleet.cells import named, plan_cells
from floodwall.fleet.document import fleet_document
from floodwall.fleet.hardening import Done, harden_host, keep_host, plan_host, rollback_host
from floodwall.fleet.host import Host
from floodwall.fleet.matrix import Matrix, Row
from floodwall.fleet.rounds import Visit
from floodwall.fleet.terminal import head_line, label, trouble_lines


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be done at every machine."""

    profile: Profile = Profile.WEB
    load: int | None = None
    dry_run: bool = False
    yes: bool = False
    confirm_s: float | None = None
    keep: bool = False
    rollback: bool = False


def harden_fleet(fleet: Fleet, order: Order, *, as_json: bool) -> int:
    """Carry out an order at every machine, print what was done, and return the exit code."""
    if order.keep or order.rollback:
        job = keep_host if order.keep else rollback_host
        done = fleet.visit("keeping" if order.keep else "taking back", _at(fleet, job))
        _tell_done(done, {}, as_json=as_json)
        return exit_code(done, found=_any_partly(done))
    planned = fleet.visit(
        "planning", lambda host: plan_host(host, fleet.wire, order.profile, order.load)
    )
    plans = {visit.host.name: visit.result for visit in planned if visit.result is not None}
    waiting = [each.host for each in planned if each.result and not each.result.is_empty]
    if not as_json:
        for line in _plans(planned, plans):
            say(line)
    if order.dry_run or not waiting:
        if as_json:
            _tell_done(planned, plans, as_json=True)
        return exit_code(planned, found=order.dry_run and bool(waiting))
    agree(yes=order.yes)
    done = fleet.only(waiting).visit(
        "hardening",
        lambda host: harden_host(host, plans[host.name], fleet.wire, order.confirm_s),
    )
    rest = [visit for visit in planned if visit.host not in waiting]
    _tell_done([*done, *rest] if as_json else done, plans, as_json=as_json)
    if order.confirm_s is not None and not as_json:
        click.echo("'floodwall harden --keep' with the same hosts keeps it")
    return exit_code([*done, *rest], found=_any_partly(done))


def _at(fleet: Fleet, job: Callable[[Host, Any], Done]) -> Callable[[Host], Done]:
    return lambda host: job(host, fleet.wire)


def _any_partly(visits: Sequence[Visit[Done]]) -> bool:
    return any(visit.result is not None and visit.result.partly for visit in visits)


def _matrix(plans: dict[str, Plan]) -> Matrix:
    cells = {name: plan_cells(plan) for name, plan in plans.items()}
    rows = tuple(Row(name, each) for name, each in cells.items())
    return Matrix(named(cells.values()), rows)


def _plans(planned: Sequence[Visit[Plan]], plans: dict[str, Plan]) -> Iterator[str]:
    """Yield each plan once, with the machines that it is for; the one that differs first."""
    matrix = _matrix(plans)
    yield head_line(matrix, planned)
    for hosts, row in matrix.alike(matrix.checks):
        yield ""
        yield f"{label(hosts)}:"
        yield from (f"  {line}" for line in plan_lines(plans[row.host]))
    yield from trouble_lines(planned)


def _tell_done(visits: Sequence[Visit[Any]], plans: dict[str, Plan], *, as_json: bool) -> None:
    """Tell what was done at each machine; a plan is no deed."""
    done = {visit.host.name: visit.result for visit in visits if isinstance(visit.result, Done)}
    if as_json:
        names = dict.fromkeys([*plans, *done])
        results = {name: _result(plans.get(name), done.get(name)) for name in names}
        found = fleet_document("harden", _matrix(plans), visits, results)
        click.echo(json.dumps(found, indent=1))
        return
    for name, each in done.items():
        say("")
        say(f"{name}:")
        for line in each.lines:
            say(f"  {line}")
    for line in trouble_lines(visits):
        say(line)


def _result(plan: Plan | None, done: Done | None) -> dict[str, Any]:
    return {
        "plan": None if plan is None else plan_document(plan),
        "done": [] if done is None else list(done.lines),
        "partly": done is not None and done.partly,
    }
