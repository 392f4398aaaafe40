"""`floodwall confirm`: keep the settings that are on trial."""

import json

import click

from floodwall.app.client import Client
from floodwall.cli.options import as_json, examples
from floodwall.cli.saved import save


@click.command(name="confirm", epilog=examples("confirm", "confirm --reject"))
@click.option("--reject", is_flag=True, help="Take the settings back now.")
@as_json
def command(*, reject: bool, as_json: bool) -> None:
    """Keep the settings that 'floodwall apply --confirm' has put on trial.

    They are written into the file that the daemon was started with.
    """
    with Client() as client:
        answer = client.ask("reject" if reject else "confirm")
    last = "taken back" if reject else f"confirmed, {save(answer, answer['text'])}"
    click.echo(json.dumps(answer, indent=1) if as_json else last)
