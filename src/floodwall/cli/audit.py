"""`floodwall audit`: is this machine set up to stand a flood."""

import json
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import click

from floodwall.app.configure import read_text
from floodwall.audit.archive import Archive, parse_archive
from floodwall.audit.baseline import Accepted, Baseline, parse_baseline, write_baseline
from floodwall.audit.check import Severity, Status
from floodwall.audit.checklist import CHECKS
from floodwall.audit.document import as_json as document
from floodwall.audit.document import as_sarif
from floodwall.audit.machine import Machine
from floodwall.audit.reader import read_facts
from floodwall.audit.recorder import recorder as script
from floodwall.audit.report import Report, audit
from floodwall.audit.terminal import report_lines
from floodwall.cli.analyze_outputs import save
from floodwall.cli.audit_page import audit_page
from floodwall.cli.fleet import Fleet, alone, fleet_options
from floodwall.cli.fleet_audit import audit_fleet
from floodwall.cli.options import DURATION, as_json, examples
from floodwall.core.errors import ConfigError, NotSupported
from floodwall.forensics.words import printable
from floodwall.sense.processes import socket_owners

_FINDING: Final = 1
_NEVER: Final = "never"
_LARGEST_BYTES: Final = 64 << 20
_FILE = click.Path(dir_okay=False, path_type=Path)
_EXAMPLES = examples(
    "audit",
    "audit --all",
    "audit --json --fail-on high",
    "audit --sarif audit.sarif --html audit.html",
    'audit --write-baseline known.toml --reason "until the move in May" --for 90d',
    "audit --baseline known.toml",
    "audit root@web1 root@web2 root@web3",
    "audit --inventory hosts.ini --fail-on high",
    "audit --recorder | ssh root@web1 sh > web1.txt",
    "audit --recorded web1.txt",
)


@click.command(name="audit", epilog=_EXAMPLES)
@as_json
@click.option("--all", "everything", is_flag=True, help="Also what passed, and every sysctl.")
@click.option("--sarif", type=_FILE, help="Write SARIF 2.1.0, for code scanning services.")
@click.option("--html", type=_FILE, help="Write one page, for a browser or print.")
@click.option(
    "--fail-on",
    type=click.Choice([*(each.word for each in Severity), _NEVER]),
    default=Severity.LOW.word,
    show_default=True,
    help="Exit with 1 on open findings of this severity or a higher one.",
)
@click.option("--baseline", type=_FILE, help="Findings that are accepted, until when and why.")
@click.option("--write-baseline", type=_FILE, help="Write the open findings as a baseline.")
@click.option("--reason", default="", metavar="TEXT", help="Why, for --write-baseline.")
@click.option("--for", "span_s", type=DURATION, default="90d", show_default=True,
              help="How long they are accepted, for --write-baseline.")  # fmt: skip
@click.option("--recorded", type=_FILE, help="Audit what was recorded of another machine.")
@click.option("--recorder", is_flag=True, help="Print the shell script that records a machine.")
@fleet_options
def command(
    *,
    everything: bool,
    sarif: Path | None,
    html: Path | None,
    fail_on: str,
    baseline: Path | None,
    write_baseline: Path | None,
    reason: str,
    span_s: float,
    recorded: Path | None,
    recorder: bool,
    fleet: Fleet | None,
    as_json: bool,
) -> None:
    """Check how this machine, or each HOST, is set up against SYN floods; changes nothing.

    Reads sysctls of every network namespace, the files that set them at boot, listeners, cards and
    rules.  Without root it says what it could not see.  Exit code: 0 nothing of the chosen
    severity; 1 a finding; 2 usage or baseline; 3 nothing could be read.
    """
    alone(fleet, {"--sarif": sarif, "--html": html, "--write-baseline": write_baseline,
                  "--recorded": recorded, "--recorder": recorder})  # fmt: skip
    if recorder:
        click.echo(script(), nl=False)
        return
    if write_baseline is not None and not reason.strip():
        raise ConfigError("--write-baseline needs a --reason", hint='--reason "until the move"')
    accepted = _accepted(baseline)
    if fleet is not None:
        least = None if fail_on == _NEVER else Severity[fail_on.upper()]
        raise SystemExit(
            audit_fleet(fleet, accepted, least, everything=everything, as_json=as_json)
        )
    now = datetime.now(UTC)
    source = Machine(socket_owners) if recorded is None else _archive(recorded)
    report = audit(read_facts(source), accepted, now.date().isoformat())
    if write_baseline is not None:
        until = (now + timedelta(seconds=span_s)).date().isoformat()
        save(write_baseline, [_accepting(report, reason.strip(), until).encode()])
    if sarif is not None:
        save(sarif, [json.dumps(as_sarif(report), indent=1).encode(), b"\n"])
    if html is not None:
        machine = recorded.name if recorded else socket.gethostname()
        save(html, [audit_page(report, machine).encode()])
    _print(report, everything=everything, as_json=as_json)
    raise SystemExit(_exit_code(report, fail_on))


def _print(report: Report, *, everything: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(document(report), indent=1))
    else:
        for line in report_lines(report, everything=everything):
            # Names of processes and programs are whatever their makers, or a recording, say.
            click.echo(printable(line, len(line)))
    if not report.columns:
        raise NotSupported("nothing of this machine could be read", feature="/proc")


def _accepted(baseline: Path | None) -> Baseline:
    if baseline is None:
        return Baseline()
    ids = [check.id for check in CHECKS]
    return parse_baseline(read_text(baseline), str(baseline), ids)


def _archive(path: Path) -> Archive:
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise ConfigError(f"{path} is too large for one machine")
        return parse_archive(path.read_text(errors="replace"))
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error


def _accepting(report: Report, reason: str, until: str) -> str:
    return write_baseline(
        Accepted(each.check.id, each.outcome.subject, reason, until)
        for each in report.judged
        if each.outcome.status is Status.FINDING and not each.accepted
    )


def _exit_code(report: Report, fail_on: str) -> int:
    if fail_on == _NEVER:
        return 0
    return _FINDING if report.findings(Severity[fail_on.upper()]) else 0
