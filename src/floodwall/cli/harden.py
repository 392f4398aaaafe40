"""`floodwall harden`: set this machine up to stand a flood, and take that back."""

import json
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from floodwall.app.harden_guard import guard_trial
from floodwall.app.hardening import Hardening
from floodwall.audit.facts import UnreadError
from floodwall.audit.machine import Machine
from floodwall.audit.plan import FILE, Plan, make_plan
from floodwall.audit.profile import Profile
from floodwall.audit.reader import read_facts
from floodwall.cli.options import DURATION, as_json, examples
from floodwall.core.duration import format_duration
from floodwall.core.errors import ConfigError, NotSupported
from floodwall.sense.processes import socket_owners

_FINDING: Final = 1
_DENIED: Final = 3
_SHORTEST_S, _LONGEST_S = 1.0, 86400.0
_EXAMPLES = examples(
    "harden --dry-run",
    "harden --profile gateway --load 20000",
    "harden --confirm 60s",
    "harden --keep",
    "harden --rollback",
)


@click.command(name="harden", epilog=_EXAMPLES)
@click.option("--profile", type=click.Choice([each.value for each in Profile]), default="web",
              show_default=True, help="What kind of machine this is.")  # fmt: skip
@click.option(
    "--load", type=click.IntRange(1, 10_000_000), help="New connections a second to size for."
)
@click.option("--dry-run", is_flag=True, help="Only show the plan.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--confirm", "confirm_s", type=DURATION, help="Take it back after this time, unless --keep."
)
@click.option("--keep", is_flag=True, help="Keep what is on trial, and write the file.")
@click.option("--rollback", is_flag=True, help="Make everything what it was before the first time.")
@click.option("--root", type=click.Path(path_type=Path), default=Path("/"), hidden=True)
@as_json
def command(
    *,
    profile: str,
    load: int | None,
    dry_run: bool,
    yes: bool,
    confirm_s: float | None,
    keep: bool,
    rollback: bool,
    root: Path,
    as_json: bool,
) -> None:
    """Set sysctls for a machine that may be flooded, now and for the next boots.

    Shows the plan first, sized to memory and load with the sums; what is stronger already stays.
    Values are kept in one file of our own under /etc/sysctl.d.  With --confirm they are on trial:
    without --keep in time, or after a reboot, everything is as it was.  Exit code: 0 done, or
    nothing to do; 1 --dry-run would change something; 2 usage; 3 a missing privilege.
    """
    if keep + rollback + (dry_run or confirm_s is not None or yes) > 1:
        raise ConfigError("--keep and --rollback stand alone")
    hardening = Hardening(root)
    if keep or rollback:
        with hardening.locked():
            done = list(hardening.keep() if keep else hardening.rollback())
        _say(done or ["nothing was changed here"], {"done": done}, as_json=as_json)
        return
    plan = _plan(hardening, Profile(profile), load, root)
    if dry_run or plan.is_empty:
        _say([*_plan_lines(plan)], {"plan": _document(plan), "done": []}, as_json=as_json)
        raise SystemExit(0 if plan.is_empty else _FINDING)
    if not as_json:
        _say(_plan_lines(plan), {}, as_json=False)
    _agree(yes=yes)
    with hardening.locked():
        done = list(_carry_out(hardening, plan, confirm_s, root))
    refused = {"refused": hardening.refused}
    _say(done, {"plan": _document(plan), "done": done, **refused}, as_json=as_json)
    raise SystemExit(_DENIED if hardening.refused else 0)


def _plan(hardening: Hardening, profile: Profile, load: int | None, root: Path) -> Plan:
    facts = read_facts(Machine(socket_owners, root))
    try:
        return make_plan(facts, profile, hardening.ours(), load)
    except UnreadError as error:
        # What a file hides from us might win over ours at the next boot.
        raise NotSupported(
            f"cannot tell what is set at boot: {error}", hint="run as root"
        ) from error


def _carry_out(
    hardening: Hardening, plan: Plan, confirm_s: float | None, root: Path
) -> Iterator[str]:
    if confirm_s is None:
        yield from hardening.apply(plan)
        return
    if not _SHORTEST_S <= confirm_s <= _LONGEST_S:
        raise ConfigError("a trial takes 1s to 1d", hint="write --confirm 60s")
    deadline_ns = time.monotonic_ns() + int(confirm_s * 1e9)
    # The guard first: from the first moment of the trial there is one.
    guard_trial(deadline_ns, root.resolve())
    yield from hardening.begin_trial(plan, deadline_ns)
    yield f"on trial for {format_duration(confirm_s)}: 'floodwall harden --keep' keeps it"


def _agree(*, yes: bool) -> None:
    if yes:
        return
    if not sys.stdin.isatty():
        raise ConfigError("nobody is here to ask", hint="say --yes, or --dry-run to look only")
    if not click.confirm("Do this?", err=True):
        raise ConfigError("nothing was changed")


def _plan_lines(plan: Plan) -> Iterator[str]:
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


def _document(plan: Plan) -> dict[str, Any]:
    return {**asdict(plan), "file": FILE}


def _say(lines: Iterable[str], document: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(document, indent=1))
        return
    for line in lines:
        click.echo(line)
