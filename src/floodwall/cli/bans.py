"""`floodwall bans`: who is banned, why, until when, and how often it was hit."""

import json
from dataclasses import asdict

import click

from floodwall.app.remote import hand_at_work
from floodwall.cli.options import as_json, examples
from floodwall.core.address import parse_network
from floodwall.core.duration import format_duration
from floodwall.core.settings import Bans


@click.command(name="bans", epilog=examples("bans", "bans --json"))
@as_json
def command(*, as_json: bool) -> None:
    """List the bans that hold, and what must never be banned by the operator's word."""
    with hand_at_work(Bans()) as operator:
        bans, allowed = operator.bans(), operator.allowed()
    if as_json:
        rows = {"bans": [asdict(b) for b in bans], "allowed": [asdict(a) for a in allowed]}
        click.echo(json.dumps(rows, indent=1))
        return
    for ban in bans:
        left = "until lifted" if ban.left_s is None else f"for {format_duration(ban.left_s)}"
        idle = any(_covers(row.network, ban.network) for row in allowed)
        hits = f"{ban.hits:,} hits{', without effect: it is allowed' if idle else ''}"
        click.echo(f"banned   {ban.network}  {left}  {hits}  {ban.reason}".rstrip())
    for row in allowed:
        left = "until taken back" if row.left_s is None else f"for {format_duration(row.left_s)}"
        click.echo(f"allowed  {row.network}  {left}  {row.reason}".rstrip())
    if not bans and not allowed:
        click.echo("nobody is banned")


def _covers(allowed: str, banned: str) -> bool:
    """Tell whether nothing of what is banned is left to be dropped."""
    outer, inner = parse_network(allowed), parse_network(banned)
    if outer.version != inner.version or outer.prefixlen > inner.prefixlen:
        return False
    return inner.network_address in outer
