"""A set of networks that answers quickly whether it covers an address or touches a network."""

from collections.abc import Iterable
from ipaddress import ip_network

from floodwall.core.address import Address, Network


class NetworkSet:
    """An unchanging set of IPv4 and IPv6 networks."""

    def __init__(self, networks: Iterable[Network] = ()) -> None:
        self._networks = frozenset(networks)
        self._by_length: dict[tuple[int, int], dict[int, Network]] = {}
        for network in self._networks:
            shape = (network.version, network.prefixlen)
            numbers = self._by_length.setdefault(shape, {})
            numbers[_cut(network.network_address, network.prefixlen)] = network

    def __len__(self) -> int:
        return len(self._networks)

    def __contains__(self, address: Address) -> bool:
        return self.find(address) is not None

    def find(self, address: Address) -> Network | None:
        """Return a network that covers `address`."""
        for (version, length), numbers in self._by_length.items():
            if version == address.version:
                found = numbers.get(_cut(address, length))
                if found is not None:
                    return found
        return None

    def covering(self, network: Network) -> Network | None:
        """Return a network in which all of `network` lies."""
        for (version, length), numbers in self._by_length.items():
            if version == network.version and length <= network.prefixlen:
                found = numbers.get(_cut(network.network_address, length))
                if found is not None:
                    return found
        return None

    def touching(self, network: Network) -> Network | None:
        """Return a network that covers a part of `network`, or all of it."""
        found = self.find(network.network_address)
        if found is not None or network.prefixlen == network.max_prefixlen:
            return found
        for own in self._networks:
            if own.version == network.version and own.network_address in network:
                return own
        return None


def as_network(address: Address) -> Network:
    """Return the network of one address."""
    return ip_network(address)


def _cut(address: Address, length: int) -> int:
    return int(address) >> (address.max_prefixlen - length)
