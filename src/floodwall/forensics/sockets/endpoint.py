"""Endpoints as netstat, ss and the kernel write them, on Linux, BSD and Windows."""

import re
import socket
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from floodwall.core.address import Address

Endpoint = tuple[Address | None, int]
_DOTTED = re.compile(r"(.+)\.(\d{1,5}|\*)")
_PORT = re.compile(r"[\w*-]+")
_HEX_PORT = re.compile(r"[0-9A-Fa-f]{1,4}")
_HEX_WORD = 8


@lru_cache(maxsize=1_024)
def port_of(text: str) -> int:
    """Return the port of a number or of a service's name; 0 for others."""
    if text.isdecimal() and len(text) <= 5:
        return int(text) if int(text) <= 65_535 else 0
    try:
        return socket.getservbyname(text, "tcp")
    except (OSError, ValueError):
        return 0


def read_endpoint(text: str) -> Endpoint:
    """Return address and port; no address for wildcards and for what is no address."""
    host, separator, port = text.rpartition(":")
    if not separator or not _PORT.fullmatch(port):
        found = _DOTTED.fullmatch(text)  # BSD separates the port by a dot
        if found is None:
            return None, 0
        host, port = found[1], found[2]
    return _address(host), port_of(port)


def _address(text: str) -> Address | None:
    bare = text.strip("[]").partition("%")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def read_hex_endpoint(text: str, *, little: bool = True) -> Endpoint:
    """Return an endpoint of /proc/net/tcp: words of the machine's byte order in hexadecimal."""
    host, _, port = text.partition(":")
    try:
        raw = bytes.fromhex(host)
    except ValueError:
        return None, 0
    if len(raw) not in (4, 16) or not _HEX_PORT.fullmatch(port):  # int() takes signs as well
        return None, 0
    size = _HEX_WORD // 2
    words = [raw[at : at + size] for at in range(0, len(raw), size)]
    packed = b"".join(word[::-1] if little else word for word in words)
    address = ip_address(packed)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address, int(port, 16)
