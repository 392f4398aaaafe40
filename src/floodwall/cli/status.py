"""`floodwall status`: what holds now."""

import json

import click

from floodwall.app.status import ExitCode, read_status, status_lines
from floodwall.cli.options import as_json, examples


@click.command(name="status", epilog=examples("status", "status --json"))
@as_json
def command(*, as_json: bool) -> None:
    """Show what is protected, its state and counters, the mechanism and rung, and the lease.

    Reads the pinned maps of this network namespace and needs no daemon.  Exit code: 0 running and
    calm; 1 a service is armed, something is in trouble (an interface is gone, the daemon does not
    answer), or the daemon is gone while its protection still holds; 3 not running, or no privilege
    to see.
    """
    status = read_status()
    if status is None:
        absent = json.dumps({"state": "absent"}) if as_json else "state       not running"
        click.echo(absent)
        raise SystemExit(ExitCode.ABSENT)
    if as_json:
        click.echo(json.dumps(status.as_json(), indent=1))
    else:
        for line in status_lines(status):
            click.echo(line)
    raise SystemExit(status.exit_code)
