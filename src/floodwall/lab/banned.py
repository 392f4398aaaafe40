"""Which bans a defence has made that it should not have: of the unproven, and of the innocent."""

from floodwall.core.address import Address, Network, unpack, unpack_prefix
from floodwall.core.networks import NetworkSet, as_network
from floodwall.kernel.tables import Tables
from floodwall.lab.addresses import SERVER_LINK, Family, network
from floodwall.lab.topology import CLIENT_NETWORKS


def banned(tables: Tables) -> list[Network]:
    """Return every network in the data plane's bans, also those that have expired."""
    single = [as_network(unpack(key)) for key, _ in tables.bans.items()]
    return single + [unpack_prefix(key) for key, _ in tables.ban_nets.items()]


def unproven(tables: Tables) -> list[Network]:
    """Return the bans in which no address has ever proven to be real."""
    proven = [unpack(key) for key, _ in tables.proven.items()]
    return [ban for ban in banned(tables) if not _covers_one(ban, proven)]


def innocent(tables: Tables) -> list[Network]:
    """Return the bans that touch a client, the server itself or its gateway."""
    honest = NetworkSet(
        network(family, number) for family in Family for number in (SERVER_LINK, *CLIENT_NETWORKS)
    )
    return [ban for ban in banned(tables) if honest.touching(ban) is not None]


def _covers_one(ban: Network, addresses: list[Address]) -> bool:
    return any(address in ban for address in addresses)
