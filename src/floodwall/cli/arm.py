"""`floodwall arm`: challenge every SYN to a service for a while."""

import json

import click

from floodwall.app.client import Client
from floodwall.cli.options import DURATION, as_json, examples
from floodwall.core.duration import format_duration


@click.command(name="arm", epilog=examples("arm 443", "arm 192.0.2.1:443 --for 1h"))
@click.argument("service", metavar="PORT|SERVICE")
@click.option("--for", "for_s", type=DURATION, default="10m", show_default=True, help="Up to 1d.")
@as_json
def command(service: str, for_s: float, *, as_json: bool) -> None:
    """Challenge every SYN to a service, whatever its queue holds.

    A challenge costs a real client nothing.  It ends by itself, by 'floodwall calm', or with the
    daemon.  A service on the kernel's own cookies (mechanism 'stack') is challenged only while its
    queue is full: the kernel makes none before.
    """
    with Client() as client:
        answer = client.ask("arm", service=service, for_s=for_s)
    if as_json:
        click.echo(json.dumps(answer, indent=1))
        return
    for name in answer["names"]:
        waits = name in answer["when_full"]
        later = ", by the kernel's cookies: while its queue is full" if waits else ""
        click.echo(f"{name}: armed for {format_duration(for_s)}{later}")
