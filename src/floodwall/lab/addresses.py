"""Which address everything in the lab has.

Law: only networks reserved for benchmarks are used for what is real in the lab, 198.18.0.0/15
(RFC 2544) and 2001:2::/48 (RFC 5180), so that a forged source is one of its clients only where a
scenario wants just that.
"""

from enum import IntEnum
from ipaddress import IPv4Network, IPv6Address, IPv6Network

from floodwall.core.address import Address

LAB_IPV4 = IPv4Network("198.18.0.0/15")
LAB_IPV6 = IPv6Network("2001:2::/48")
CLIENTS_PER_NETWORK = 250
SERVER_LINK = 0  # number of the network between router and server


class Family(IntEnum):
    """The two versions of IP."""

    IPV4 = 4
    IPV6 = 6


def network(family: Family, number: int) -> IPv4Network | IPv6Network:
    """Return the lab's network `number`: 0 is the server's, the others are clients'."""
    if family is Family.IPV4:
        return IPv4Network(f"198.18.{number}.0/24")
    return IPv6Network(f"2001:2:0:{number:x}::/64")


def router(family: Family, number: int) -> Address:
    """Return the router's address in a network."""
    return network(family, number)[1]


def server(family: Family) -> Address:
    """Return the address of the server."""
    return network(family, SERVER_LINK)[2]


def clients(family: Family, number: int, count: int = CLIENTS_PER_NETWORK) -> list[Address]:
    """Return the addresses of the clients in a network."""
    whole = network(family, number)
    return [whole[2 + host] for host in range(count)]


def is_in_lab(address: Address) -> bool:
    """Say whether an address belongs to something real in the lab."""
    return address in (LAB_IPV6 if isinstance(address, IPv6Address) else LAB_IPV4)
