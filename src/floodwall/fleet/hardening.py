"""Hardens a machine over SSH: planned here, on trial there, kept over a connection of its own."""

import secrets
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from floodwall.audit.facts import UnreadError
from floodwall.audit.plan import FILE, Plan, make_plan
from floodwall.audit.profile import Profile
from floodwall.audit.reader import read_facts
from floodwall.core.errors import NotSupported
from floodwall.fleet.harden_script import (
    DENIED,
    PARTLY,
    REFUSED,
    STATE,
    begin_script,
    keep_script,
    rollback_script,
)
from floodwall.fleet.host import Host
from floodwall.fleet.look import fetch_archive
from floodwall.fleet.session import Answer, Wire, talk
from floodwall.fleet.trouble import Kind, TroubleError

_LARGEST: Final = 1 << 20
_SLACK_S: Final = 5
_HINT_ROOT: Final = "log in as root, or say --sudo"


@dataclass(frozen=True, slots=True)
class Done:
    """What was done at a machine, a sentence for each."""

    lines: tuple[str, ...]
    partly: bool = False
    """The kernel there refused a part of it."""


def plan_host(host: Host, wire: Wire, profile: Profile, load: int | None) -> Plan:
    """Return what hardening would change there."""
    archive = fetch_archive(host, wire)
    if FILE in archive.links:
        raise TroubleError(Kind.REFUSED, f"{FILE} is a link there")
    try:
        return make_plan(read_facts(archive), profile, archive.files.get(FILE), load)
    except UnreadError as error:
        raise TroubleError(
            Kind.PRIVILEGE, f"cannot tell what is set at boot: {error}", _HINT_ROOT
        ) from error


def harden_host(host: Host, plan: Plan, wire: Wire, confirm_s: float | None = None) -> Done:
    """Put a plan on trial, and keep it if the machine can be reached anew; or leave it on trial."""
    trial = secrets.token_hex(8)
    # Longer than both sessions may take.
    seconds = round(2 * wire.timeout_s + _SLACK_S if confirm_s is None else confirm_s)
    begun = _done(talk(host, begin_script(plan, trial, seconds), wire, _LARGEST))
    if confirm_s is not None:
        return replace(begun, lines=(*begun.lines, f"on trial for {seconds} s, unless it is kept"))
    try:
        kept = _done(talk(host, keep_script(trial), wire, _LARGEST, fresh=True))
    except TroubleError as error:
        raise TroubleError(
            error.trouble.kind,
            f"changed, and not kept: {error.trouble.text}",
            f"it goes back by itself within {seconds} s",
        ) from error
    return Done((*begun.lines, *kept.lines), begun.partly)


def keep_host(host: Host, wire: Wire) -> Done:
    """Keep what is on trial there."""
    return _done(talk(host, keep_script(), wire, _LARGEST, fresh=True))


def rollback_host(host: Host, wire: Wire) -> Done:
    """Make everything there what it was before the first time."""
    return _done(talk(host, rollback_script(), wire, _LARGEST))


def was_hardened_here(root: Path) -> bool:
    """Tell whether this machine was hardened over SSH, from elsewhere."""
    return (root / STATE.lstrip("/")).is_dir()


def rollback_here(root: Path) -> tuple[str, ...]:
    """Take back here what was done over SSH; return a sentence for each."""
    prefix = "" if root == Path("/") else str(root)
    ended = subprocess.run(
        ["sh"], input=rollback_script(prefix), capture_output=True, text=True, check=False
    )
    try:
        done = _done(Answer(ended.stdout, ended.returncode))
    except TroubleError as error:
        raise NotSupported(error.trouble.text, hint=error.trouble.hint) from error
    return done.lines


def _done(answer: Answer) -> Done:
    lines = tuple(line for line in answer.text.split("\n") if line.strip())
    if answer.code in {0, PARTLY}:
        return Done(lines, partly=answer.code == PARTLY)
    last = lines[-1] if lines else f"exit code {answer.code}"
    kind = {DENIED: Kind.PRIVILEGE, REFUSED: Kind.REFUSED}.get(answer.code, Kind.ANSWER)
    raise TroubleError(kind, last, _HINT_ROOT if kind is Kind.PRIVILEGE else "")
