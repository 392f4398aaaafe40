"""Who must never be dropped, and which bans are refused.

Law: no ban of a network that touches the never-ban set is ever written, by whatever way it comes.
"""

from collections.abc import Iterable, Mapping

from floodwall.core.address import Network, unmapped
from floodwall.core.model import Guard, Protected
from floodwall.core.networks import NetworkSet
from floodwall.core.settings import Bans

NEVER_MAX = 8192
"""FW_NEVER_MAX of bpf/abi.h; a test compares."""

_PRIORITY = (Guard.OWN, Guard.GATEWAY, Guard.RESOLVER, Guard.OPERATOR, Guard.SSH_PEER)


def never_ban_set(protected: Iterable[Protected]) -> dict[Network, Guard]:
    """Return the networks with the weightiest reason of each, cut to what the data plane holds."""
    ranked = sorted(
        set(protected),
        key=lambda p: (_PRIORITY.index(p.guard), p.network.version, p.network),
    )
    networks: dict[Network, Guard] = {}
    for entry in ranked:
        if len(networks) == NEVER_MAX:
            break
        networks.setdefault(entry.network, entry.guard)
    return networks


def refusal(
    network: Network, never_ban: Mapping[Network, Guard], caps: Bans, count: int
) -> str | None:
    """Say why `network` cannot be banned beside `count` other bans; None if it can."""
    network = unmapped(network)
    if touched := NetworkSet(never_ban).touching(network):
        what = "is" if touched == network else f"touches {touched},"
        return f"{network} {what} protected: {never_ban[touched]}"
    shortest = caps.shortest_ipv4 if network.version == 4 else caps.shortest_ipv6
    if network.prefixlen < shortest:
        return f"{network} is wider than /{shortest}, the widest prefix that may be banned"
    if count >= caps.max_count:
        return f"there are {count} bans, and no more than {caps.max_count} are allowed"
    return None
