"""`floodwall allow`: never ban a source, whatever it does."""

import click

from floodwall.app.remote import hand_at_work
from floodwall.cli.options import DURATION, as_json, examples, networks, reason
from floodwall.cli.outcome import Outcomes
from floodwall.core.address import Network
from floodwall.core.settings import Bans


@click.command(
    name="allow",
    epilog=examples(
        "allow 198.51.100.7",
        "allow 198.51.100.0/24 --for 4h --reason 'load test'",
        "allow --remove 198.51.100.7",
    ),
)
@networks
@click.option(
    "--for", "for_s", type=DURATION, default=None, help="30s, 10m, 4h, 2d.  Default: until removed."
)
@click.option("--remove", is_flag=True, help="Take it back.")
@reason
@as_json
def command(
    networks: tuple[Network, ...],
    for_s: float | None,
    reason: str,
    *,
    remove: bool,
    as_json: bool,
) -> None:
    """Never drop nor ban addresses or networks; bans that they have lose their effect.

    They are still challenged during a flood, which costs a real client nothing.  What must hold
    after a restart belongs into protect.never_ban of the settings.
    """
    outcomes = Outcomes()
    with hand_at_work(Bans()) as operator:
        for network in networks:
            if not remove:
                operator.allow(network, for_s, reason)
                outcomes.add(network, "will not be banned")
            elif operator.disallow(network):
                outcomes.add(network, "can be banned again")
            else:
                outcomes.refuse(network, "was not allowed by 'floodwall allow'")
    outcomes.print_and_exit(as_json=as_json)
