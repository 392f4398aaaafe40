"""Addresses and prefixes as the data plane stores them: 16 bytes, IPv4 as ::ffff:a.b.c.d."""

import ipaddress
import struct
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Literal

from floodwall.core.errors import ConfigError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

ADDRESS_BYTES = 16
MAPPED = bytes(10) + b"\xff\xff"  # ::ffff:0:0/96, RFC 4291 section 2.5.5.2
MAPPED_BITS = 96
_WORD = 4
_PREFIX = struct.Struct("=I16s")  # struct fw_prefix
_MAPPED_NETWORK = IPv6Network("::ffff:0:0/96")


def parse_address(text: str) -> Address:
    """Return the address that the operator wrote."""
    try:
        found = ipaddress.ip_address(text)
    except ValueError as error:
        raise ConfigError(
            f"{text!r} is not an IP address", hint="write 192.0.2.1 or 2001:db8::1"
        ) from error
    return found.ipv4_mapped or found if isinstance(found, IPv6Address) else found


def parse_network(text: str) -> Network:
    """Return the network that the operator wrote; a single address is a network of one."""
    try:
        return unmapped(ipaddress.ip_network(_without_scope(text)))
    except ValueError as error:
        raise ConfigError(
            f"{text!r} is not an address or a network: {error}",
            hint="write 192.0.2.1, 192.0.2.0/24 or 2001:db8::/32",
        ) from error


def _without_scope(text: str) -> str:
    """Leave out the interface of a link-local address: no ban and no guard knows one."""
    address, _, rest = text.partition("%")
    scope, slash, bits = rest.partition("/")
    return f"{address}{slash}{bits}" if scope and ":" in address else text


def unmapped(network: Network) -> Network:
    """Return an IPv4 network that was written as ::ffff:a.b.c.d/n as what it is."""
    if network.version == 4 or network.prefixlen < MAPPED_BITS:
        return network
    address = network.network_address.ipv4_mapped
    return network if address is None else IPv4Network((address, network.prefixlen - MAPPED_BITS))


def pack(ip: Address | str) -> bytes:
    """Return the 16 bytes of struct fw_addr."""
    address = parse_address(ip) if isinstance(ip, str) else ip
    return MAPPED + address.packed if address.version == 4 else address.packed


def unpack(raw: bytes) -> Address:
    """Return the address of a struct fw_addr; a mapped one as IPv4."""
    if raw.startswith(MAPPED):
        return IPv4Address(raw[len(MAPPED) : ADDRESS_BYTES])
    return IPv6Address(raw[:ADDRESS_BYTES])


def parse_words(text: str, order: Literal["little", "big"] = "little") -> bytes:
    """Return, as pack() does, an address of /proc/net/tcp: words of 32 bits in hexadecimal.

    `order` is that of the bytes on the machine that wrote it.  Raises ValueError for what is none.
    """
    raw = bytes.fromhex(text)
    if len(raw) not in {_WORD, ADDRESS_BYTES}:
        raise ValueError(f"{text!r} is no address")
    words = (raw[at : at + _WORD] for at in range(0, len(raw), _WORD))
    packed = b"".join(word[::-1] if order == "little" else word for word in words)
    return MAPPED + packed if len(packed) == _WORD else packed


def pack_prefix(network: Network | Address | str) -> bytes:
    """Return the 20 bytes of struct fw_prefix, the key of every LPM trie."""
    known = network if isinstance(network, (IPv4Network, IPv6Network)) else None
    found = known or parse_network(str(network))
    if isinstance(found, IPv4Network):
        return _PREFIX.pack(MAPPED_BITS + found.prefixlen, pack(found.network_address))
    if found.prefixlen < MAPPED_BITS and found.supernet_of(_MAPPED_NETWORK):
        raise ConfigError(
            f"{found} would cover all of IPv4 too", hint="for all of IPv6 write 2000::/3"
        )
    return _PREFIX.pack(found.prefixlen, found.network_address.packed)


def unpack_prefix(raw: bytes) -> Network:
    """Return the network of a struct fw_prefix; a mapped one as IPv4."""
    bits, packed = _PREFIX.unpack(raw)
    address = unpack(packed)
    if isinstance(address, IPv4Address) and bits >= MAPPED_BITS:
        return IPv4Network((address, bits - MAPPED_BITS))
    return IPv6Network((packed, bits))
