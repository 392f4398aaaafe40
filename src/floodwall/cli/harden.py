"""`floodwall harden`: set this machine up to stand a flood, and take that back."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from floodwall.app.harden_guard import guard_trial
from floodwall.app.hardening import Hardening
from floodwall.audit.facts import UnreadError
from floodwall.audit.machine import Machine
from floodwall.audit.plan import Plan, make_plan
from floodwall.audit.profile import Profile
from floodwall.audit.reader import read_facts
from floodwall.cli.fleet import Fleet, fleet_options
from floodwall.cli.fleet_harden import Order, harden_fleet
from floodwall.cli.harden_words import agree, plan_document, plan_lines, show
from floodwall.cli.options import DURATION, as_json, examples
from floodwall.core.duration import format_duration
from floodwall.core.errors import ConfigError, NotSupported
from floodwall.fleet.hardening import rollback_here, was_hardened_here
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
    "harden --dry-run root@web1 root@web2 root@web3",
    "harden --inventory hosts.ini --profile web --yes",
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
@fleet_options
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
    fleet: Fleet | None,
    as_json: bool,
) -> None:
    """Set sysctls for a machine that may be flooded, or for each HOST, now and for the next boots.

    Shows the plan first, sized to memory and load with the sums; what is stronger already stays.
    Values are kept in one file of our own under /etc/sysctl.d.  With --confirm they are on trial:
    without --keep in time, or after a reboot, everything is as it was.  Exit code: 0 done, or
    nothing to do; 1 --dry-run would change something; 2 usage; 3 a missing privilege.
    """
    if keep + rollback + (dry_run or confirm_s is not None or yes) > 1:
        raise ConfigError("--keep and --rollback stand alone")
    if confirm_s is not None and not _SHORTEST_S <= confirm_s <= _LONGEST_S:
        raise ConfigError("a trial takes 1s to 1d", hint="write --confirm 60s")
    if fleet is not None:
        order = Order(Profile(profile), load, dry_run, yes, confirm_s, keep, rollback)
        raise SystemExit(harden_fleet(fleet, order, as_json=as_json))
    hardening = Hardening(root)
    if keep or rollback:
        done = _end(hardening, root, keep=keep)
        show(done or ["nothing was changed here"], {"done": done}, as_json=as_json)
        return
    plan = _plan(hardening, Profile(profile), load, root)
    if dry_run or plan.is_empty:
        show([*plan_lines(plan)], {"plan": plan_document(plan), "done": []}, as_json=as_json)
        raise SystemExit(0 if plan.is_empty else _FINDING)
    if not as_json:
        show(plan_lines(plan), {}, as_json=False)
    agree(yes=yes)
    _be_the_only_one(root)
    with hardening.locked():
        done = list(_carry_out(hardening, plan, confirm_s, root))
    refused = {"refused": hardening.refused}
    show(done, {"plan": plan_document(plan), "done": done, **refused}, as_json=as_json)
    raise SystemExit(_DENIED if hardening.refused else 0)


def _end(hardening: Hardening, root: Path, *, keep: bool) -> list[str]:
    """Keep what is on trial, or take everything back, wherever it was said."""
    if not keep and was_hardened_here(root):
        return list(rollback_here(root))
    if keep:
        _be_the_only_one(root)
    with hardening.locked():
        return list(hardening.keep() if keep else hardening.rollback())


def _be_the_only_one(root: Path) -> None:
    """Refuse where it was done over SSH: two ways back do not fit together."""
    if was_hardened_here(root):
        raise ConfigError(
            "this machine was hardened over SSH, from another one",
            hint="go on from there, or take it back first: floodwall harden --rollback",
        )


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
    deadline_ns = time.monotonic_ns() + int(confirm_s * 1e9)
    # The guard first: from the first moment of the trial there is one.
    guard_trial(deadline_ns, root.resolve())
    yield from hardening.begin_trial(plan, deadline_ns)
    yield f"on trial for {format_duration(confirm_s)}: 'floodwall harden --keep' keeps it"
