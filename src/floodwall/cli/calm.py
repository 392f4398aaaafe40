"""`floodwall calm`: take an arming back that the kernel has not asked for."""

import json

import click

from floodwall.app.client import Client
from floodwall.cli.options import as_json, examples


@click.command(name="calm", epilog=examples("calm 443", "calm '*:443 nginx'"))
@click.argument("service", metavar="PORT|SERVICE")
@as_json
def command(service: str, *, as_json: bool) -> None:
    """Take the arming of a service back, and let it forget the handshakes that it waits for.

    This cannot switch protection off: if a flood goes on, the kernel arms again at once.  To leave
    a port alone there is services.observe_ports.
    """
    with Client() as client:
        answer = client.ask("calm", service=service)
    if as_json:
        click.echo(json.dumps(answer, indent=1))
        return
    for name in answer["names"]:
        click.echo(f"{name}: calm until it must be armed again")
