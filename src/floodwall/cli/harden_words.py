"""What `floodwall harden` shows and asks, of this machine or of others."""

import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import click

from floodwall.audit.plan import FILE, Plan
from floodwall.core.errors import ConfigError


def plan_lines(plan: Plan) -> Iterator[str]:
    """Yield a plan: what changes, with the sums, what stays, and what wins over it."""
    if plan.is_empty:
        yield f"nothing to do: this machine is as profile {plan.profile} wants it, or stronger"
    for step in plan.steps:
        yield f"runtime  {step.name}: {step.before} -> {step.after}"
        yield f"         {step.why}"
    for line in list(plan.diff())[2:]:
        if not line.startswith("@@"):
            yield f"file     {line}"
    if plan.file_before != plan.file_after:
        yield f"         in {FILE}"
    yield from (f"keeps    {text}" for text in plan.kept)
    yield from (f"beware   {text}" for text in plan.overruled)


def plan_document(plan: Plan) -> dict[str, Any]:
    """Return a plan as values for programs."""
    return {**asdict(plan), "file": FILE}


def agree(*, yes: bool) -> None:
    """Ask whether the plan shall be carried out; go on only with a yes."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError("nobody is here to ask", hint="say --yes, or --dry-run to look only")
    if not click.confirm("Do this?", err=True):
        raise ConfigError("nothing was changed")


def show(lines: Iterable[str], document: dict[str, Any], *, as_json: bool) -> None:
    """Print one or the other."""
    if as_json:
        click.echo(json.dumps(document, indent=1))
        return
    for line in lines:
        click.echo(line)
