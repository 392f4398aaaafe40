"""A longest-prefix table over packed addresses."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Generic, TypeVar

Value = TypeVar("Value")
PrefixKey = tuple[int, int]  # length 0..128 and the leading bits of the address


@dataclass(slots=True)
class Prefixes(Generic[Value]):
    """Values by prefix; IPv4 prefixes are 96 bits longer than written."""

    values: dict[PrefixKey, Value] = field(default_factory=dict)

    def add(self, network: str, value: Value) -> None:
        """Set the value of a network written as ADDRESS/LENGTH."""
        self.values[prefix_key(network)] = value

    def lookup(self, address: bytes) -> Value | None:
        """Return the value of the longest prefix that contains `address`."""
        if not self.values:
            return None
        number = int.from_bytes(address, "big")
        for length in sorted({length for length, _ in self.values}, reverse=True):
            value = self.values.get((length, number >> (128 - length)))
            if value is not None:
                return value
        return None


def prefix_key(network: str) -> PrefixKey:
    """Return length and leading bits of a network, IPv4 in its mapped form."""
    parsed = ip_network(network)
    number = int(parsed.network_address)
    if parsed.version == 4:
        number |= 0xFFFF << 32
    length = parsed.prefixlen + (96 if parsed.version == 4 else 0)
    return length, number >> (128 - length)
