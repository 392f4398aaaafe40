"""`floodwall unban`: lift a ban."""

import click

from floodwall.app.remote import hand_at_work
from floodwall.cli.options import as_json, examples, networks
from floodwall.cli.outcome import Outcomes
from floodwall.core.address import Network
from floodwall.core.settings import Bans


@click.command(name="unban", epilog=examples("unban 203.0.113.9", "unban 203.0.113.0/24"))
@networks
@as_json
def command(networks: tuple[Network, ...], *, as_json: bool) -> None:
    """Lift the bans of addresses or networks, exactly as 'floodwall bans' lists them.

    Exit code: 0 all lifted, 2 at least one was not banned.
    """
    outcomes = Outcomes()
    with hand_at_work(Bans()) as operator:
        for network in networks:
            if operator.unban(network):
                outcomes.add(network, "no longer banned")
            else:
                outcomes.refuse(network, "was not banned; 'floodwall bans' lists who is")
    outcomes.print_and_exit(as_json=as_json)
