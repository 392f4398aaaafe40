"""`floodwall off`: everything of ours is gone within a second."""

import json

import click

from floodwall.app.off import switch_off
from floodwall.cli.options import as_json, examples


@click.command(name="off", epilog=examples("off"))
@as_json
def command(*, as_json: bool) -> None:
    """Remove everything of Floodwall from this network namespace, within a second.

    Asks a running daemon to stop, ends one that does not, and removes programs, links, maps, pins
    and changed sysctls that a killed one left.  Bans go, too.  May be called at any time.
    """
    if as_json:
        click.echo(json.dumps({"done": list(switch_off())}))
        return
    for sentence in switch_off():
        click.echo(sentence)
