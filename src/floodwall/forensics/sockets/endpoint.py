"""Endpoints as netstat, ss and the kernel write them, on Linux, BSD and Windows."""

import re
import socket
from functools import lru_cache
from ipaddress import IPv6Address, ip_address

from floodwall.core.address import Address, parse_words, unpack

Endpoint = tuple[Address | None, int]
_DOTTED = re.compile(r"(.+)\.(\d{1,5}|\*)")
_PORT = re.compile(r"[\w*-]+")
_HEX_PORT = re.compile(r"[0-9A-Fa-f]{1,4}")


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


def read_hex_endpoint(text: str) -> Endpoint:
    """Return an endpoint of /proc/net/tcp, as a machine with little-endian words wrote it."""
    host, _, port = text.partition(":")
    if not _HEX_PORT.fullmatch(port):  # int() takes signs as well
        return None, 0
    try:
        return unpack(parse_words(host)), int(port, 16)
    except ValueError:
        return None, 0
