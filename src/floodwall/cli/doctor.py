"""`floodwall doctor`: what is happening to this machine, and what to type now."""

import json
import re
import time
from typing import NoReturn, TextIO

import click

from floodwall.cli.fleet import Fleet, alone, fleet_options
from floodwall.cli.options import DURATION, as_json, examples
from floodwall.cli.record_lines import say
from floodwall.core.diagnosis.ailment import Diagnosis
from floodwall.core.diagnosis.diagnose import diagnose
from floodwall.core.diagnosis.symptoms import Symptoms
from floodwall.core.errors import FloodwallError
from floodwall.core.verdict import Kind
from floodwall.doctor.examine import WINDOW_S, Request, examine
from floodwall.doctor.haste import haste
from floodwall.doctor.recorded import LARGEST_CHARACTERS, examine_recorded
from floodwall.doctor.report import document, report_lines
from floodwall.doctor.treat import carry_out, safe_remedies, take_back
from floodwall.doctor.tree import script
from floodwall.kernel.bpffs import StateDirectory

_FINE, _FINDING, _BLIND = 0, 1, 3
_SHORTEST_S, _LONGEST_S = 1.0, 60.0
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9}
_LINK = re.compile(r"([^=\s]{1,15})=(\d+(?:\.\d+)?)([kmg]?)", re.IGNORECASE)


class LinkType(click.ParamType[tuple[str, int]]):
    """An interface and what its link really carries, in bits a second."""

    name = "NAME=RATE"

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, int]:
        """Read what the operator wrote."""
        found = _LINK.fullmatch(str(value))
        rate = int(float(found[2]) * _UNITS[found[3].lower()]) if found else 0
        if found is None or not rate:
            self.fail(f"{value!r} is no link (write eth0=100M)", param, ctx)
        return found[1], rate


@click.command(
    name="doctor",
    epilog=examples(
        "doctor",
        "doctor --json",
        "doctor --fix",
        "doctor --link eth0=100M",
        "doctor --undo",
        "doctor root@web1 root@web2 root@web3",
        "doctor --inventory hosts.yml web",
        "doctor --script > look.sh",
        "doctor --from recorded.txt",
    ),
)
@click.option(
    "--window", "window_s", type=DURATION, default=WINDOW_S, show_default="2s",
    help="How long to watch.",
)  # fmt: skip
@click.option(
    "--link", "links", type=LinkType(), multiple=True,
    help="What a link carries, in bits a second, where its driver does not tell: eth0=100M.",
)  # fmt: skip
@click.option("--proc-only", is_flag=True, help="Look at /proc alone, as on old kernels.")
@click.option("--fix", is_flag=True, help="Run the safe commands, after showing them and asking.")
@click.option("--yes", is_flag=True, help="With --fix: do not ask.")
@click.option("--undo", is_flag=True, help="Take back everything that --fix has changed here.")
@click.option("--script", "as_script", is_flag=True,
    help="Print a line for a shell that records what --from reads, where nothing is installed.",
)  # fmt: skip
@click.option(
    "--from", "recording", type=click.File(errors="replace"),
    help="Diagnose another machine from such a recording; - is the standard input.",
)  # fmt: skip
@fleet_options
@as_json
def command(
    *,
    window_s: float,
    links: tuple[tuple[str, int], ...],
    proc_only: bool,
    fix: bool,
    yes: bool,
    undo: bool,
    as_script: bool,
    recording: TextIO | None,
    fleet: Fleet | None,
    as_json: bool,
) -> None:
    """Say what is happening to this machine, or each HOST, on what evidence, and what to type now.

    Watches for two seconds, tries every listener, and changes nothing.  Needs no daemon; without
    root it says what it cannot see.  Exit code: 0 nothing found; 1 a finding; 3 nothing could be
    seen.
    """
    alone(fleet, {"--fix": fix, "--undo": undo, "--script": as_script, "--from": recording,
                  "--proc-only": proc_only})  # fmt: skip
    if undo:
        _take_back(alone=not (fix or yes), as_json=as_json)
        return
    if not _SHORTEST_S <= window_s <= _LONGEST_S:
        raise click.UsageError("--window takes 1s to 60s")
    if as_script:
        click.echo(script(round(window_s)))
        return
    if (as_json or yes) and fix != yes:
        raise click.UsageError("--yes goes with --fix; with --json, --fix needs --yes")
    if recording is not None and fix:
        raise click.UsageError("--fix changes this machine, --from looks at another one")
    if fleet is not None:
        from floodwall.cli.fleet_doctor import examine_fleet  # noqa: PLC0415  slow, and seldom

        raise SystemExit(examine_fleet(fleet, window_s, dict(links), as_json=as_json))
    if recording is None:
        with haste():
            guarded, held_off = _guard()
            seen = examine(Request(window_s, proc_only, dict(links), guarded, held_off))
    else:
        seen = examine_recorded(recording.read(LARGEST_CHARACTERS + 1), dict(links))
    _tell(seen, fix=fix, yes=yes, as_json=as_json)


def _tell(seen: Symptoms, *, fix: bool, yes: bool, as_json: bool) -> NoReturn:
    diagnosis = diagnose(seen)
    if as_json:
        done = tuple(carry_out(safe_remedies(diagnosis))) if fix else None
        click.echo(json.dumps(document(diagnosis, seen, done), indent=1))
    else:
        for line in report_lines(diagnosis, seen):
            say(line)
        if fix:
            _fix(diagnosis, yes=yes)
    raise SystemExit(_exit_code(diagnosis))


def _exit_code(diagnosis: Diagnosis) -> int:
    if diagnosis.blind:
        return _BLIND
    return _FINDING if diagnosis.findings else _FINE


def _fix(diagnosis: Diagnosis, *, yes: bool) -> None:
    remedies = safe_remedies(diagnosis)
    click.echo("")
    if not remedies:
        click.echo("--fix: nothing here is safe to run without you")
        return
    click.echo("--fix would run:")
    for remedy in remedies:
        click.echo(f"  {remedy.command}   (undo: {remedy.undo})")
    if not yes and not click.confirm("Run it?"):
        click.echo("nothing was changed")
        return
    for told in carry_out(remedies):
        click.echo(told)


def _take_back(*, alone: bool, as_json: bool) -> None:
    if not alone:
        raise click.UsageError("--undo goes alone")
    done = list(take_back())
    if as_json:
        click.echo(json.dumps({"done": done}, indent=1))
        return
    for told in done or ["nothing of the doctor's is to be taken back"]:
        click.echo(told)


def _guard() -> tuple[bool, tuple[str, ...]]:
    """Tell whether Floodwall is at work in this network namespace, and on what."""
    try:
        if StateDirectory.find() is None:
            return False, ()
        # Half of the time that it takes to begin, and of a machine that is flooded it is much.
        from floodwall.app.status import ExitCode, read_status  # noqa: PLC0415  see above

        status = read_status()
    except (FloodwallError, OSError):
        return False, ()  # not for us to see, or a kernel too old to have one
    if status is None or status.exit_code is ExitCode.ABSENT:
        return False, ()
    told, now_ns = [], time.monotonic_ns()
    for service in status.services:
        # How sure the daemon is, `status` tells.
        kind = service.verdict.partition(" (")[0] or "nobody says why"
        by_kernel = service.reading.armed_until_ns > now_ns
        if service.armed_for_s is None or (kind == Kind.CALM and not by_kernel):
            continue  # calm, and armed by a word or by the settings: there is no attack
        told.append(f"{service.plan.get('name', 'a service')} is armed, {kind}")
    return True, tuple(told)
