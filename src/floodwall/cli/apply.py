"""`floodwall apply`: other settings for the running daemon, on trial if wanted."""

import json
import time
from pathlib import Path
from typing import Any

import click

from floodwall.app.client import Client
from floodwall.app.configure import Sources, read_text
from floodwall.app.trial_guard import start_guard
from floodwall.cli.options import DURATION, as_json, examples
from floodwall.cli.saved import save
from floodwall.core.duration import format_duration
from floodwall.core.errors import ConfigError

SHORTEST_S, LONGEST_S = 1.0, 86400.0
"""A trial is at least long enough to say `floodwall confirm`, and over by tomorrow."""


@click.command(
    name="apply",
    epilog=examples(
        "apply new.toml --dry-run",
        "apply new.toml --confirm 60s",
        "apply new.toml",
    ),
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--confirm",
    "confirm_s",
    type=DURATION,
    help="Take the settings back after this time, unless 'floodwall confirm' is said before.",
)
@click.option("--dry-run", is_flag=True, help="Only print what would change.")
@as_json
def command(file: Path, confirm_s: float | None, *, dry_run: bool, as_json: bool) -> None:
    """Give the running daemon the settings of FILE, all of them or none.

    With --confirm they are on trial: at the end of the time everything is as it was before, also
    if this command, the daemon or both are killed meanwhile.  Settings that are applied or
    confirmed are written into the file that the daemon was started with.
    """
    text, origin = read_text(file), str(file.resolve())
    Sources().settle(text, str(file))
    with Client() as client:
        if dry_run:
            answer = client.ask("plan", text=text, origin=origin)
            _print(answer, "nothing has been changed", as_json=as_json)
        elif confirm_s is None:
            answer = client.ask("apply", text=text, origin=origin)
            _print(answer, save(answer, text), as_json=as_json)
        else:
            answer = _try(client, text, origin, confirm_s)
            span = format_duration(confirm_s)
            said = f"on trial for {span}: 'floodwall confirm' keeps it"
            _print(answer, said, as_json=as_json)


def _try(client: Client, text: str, origin: str, confirm_s: float) -> dict[str, Any]:
    if not SHORTEST_S <= confirm_s <= LONGEST_S:
        raise ConfigError("a trial takes 1s to 1d", hint="write --confirm 60s")
    # Everything that can be refused is refused before a guard is started for it.
    client.ask("plan", text=text, origin=origin)
    # The guard first: from the first moment of the trial there is one.
    deadline_ns = time.monotonic_ns() + int(confirm_s * 1e9)
    guard = start_guard(deadline_ns)
    answer = client.ask("try", text=text, origin=origin, deadline_ns=deadline_ns)
    return {**answer, "confirm_s": confirm_s, "guard": guard}


def _print(answer: dict[str, Any], last: str, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(answer, indent=1))
        return
    for line in answer["settings"]:
        click.echo(f"setting  {line}")
    for line in answer["effects"]:
        click.echo(f"effect   {line}")
    if not answer["settings"] and not answer["effects"]:
        click.echo("nothing differs from what holds")
    click.echo(last)
