"""`floodwall ban`: drop everything from a source, by the operator's own word."""

from pathlib import Path

import click

from floodwall.app.configure import Sources
from floodwall.app.remote import hand_at_work
from floodwall.cli.options import DURATION, as_json, examples, networks, reason
from floodwall.cli.outcome import Outcomes
from floodwall.core.address import Network
from floodwall.core.errors import ConfigError


@click.command(
    name="ban",
    epilog=examples(
        "ban 203.0.113.9",
        "ban 203.0.113.0/24 --for 10m --reason 'brute force'",
        "ban 2001:db8:bad::/48 --for 1d",
    ),
)
@networks
@click.option(
    "--for", "for_s", type=DURATION, default="10m", show_default=True, help="30s, 10m, 4h, 2d."
)
@click.option("--forever", is_flag=True, help="Until lifted, or until Floodwall ends.")
@reason
@click.option(
    "--config", type=click.Path(path_type=Path), help="Settings file with the caps on bans."
)
@as_json
def command(
    networks: tuple[Network, ...],
    for_s: float,
    reason: str,
    config: Path | None,
    *,
    forever: bool,
    as_json: bool,
) -> None:
    """Drop every packet from addresses or networks.

    Sources of a flood are mostly forged: ban what has proven to be real.  Own addresses, gateways,
    resolvers, SSH peers and what 'floodwall allow' named cannot be banned.  Expiry is enforced in
    the kernel.  Exit code: 0 all banned, 2 at least one was refused.
    """
    caps = Sources(config).read().bans
    outcomes = Outcomes()
    with hand_at_work(caps) as operator:
        for network in networks:
            try:
                operator.ban(network, None if forever else for_s, reason)
            except ConfigError as error:
                outcomes.refuse(network, error.message)
            else:
                outcomes.add(network, "banned")
    outcomes.print_and_exit(as_json=as_json)
