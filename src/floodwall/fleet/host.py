"""A machine that is visited over SSH, by the names that may safely be handed to ssh."""

import ipaddress
import re
from collections.abc import Iterator
from dataclasses import dataclass

from floodwall.core.errors import ConfigError

_LONGEST = 255  # RFC 1035: a whole name
_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_.])?")
_USER = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.+-]*")
_URI = "ssh://"
_HINT = "write HOST, USER@HOST, HOST:PORT or ssh://USER@HOST:PORT"


@dataclass(frozen=True, slots=True)
class Host:
    """Whom to visit; what is empty is left to the configuration of ssh."""

    name: str
    """As the operator calls it."""
    address: str
    """What ssh is told: an alias of its configuration, a name or an address."""
    user: str = ""
    port: int | None = None
    key: str = ""
    """File of the private key."""
    refused: str = ""
    """Why it cannot be visited at all; empty if it can."""

    def arguments(self) -> Iterator[str]:
        """Yield it as arguments of ssh; the last one is the address."""
        if self.port is not None:
            yield from ("-p", str(self.port))
        if self.user:
            yield from ("-l", self.user)
        if self.key:
            yield from ("-i", self.key)
        yield from ("--", self.address)


def parse_host(text: str) -> Host:
    """Read what an operator or an inventory calls a machine."""
    rest = text.removeprefix(_URI).removesuffix("/" if text.startswith(_URI) else "")
    user, at, place = rest.rpartition("@")
    if at and not is_user(user):
        raise ConfigError(f"{text[:80]!r} names no user that ssh would take", hint=_HINT)
    address, port = _split(place)
    if not is_address(address):
        raise ConfigError(f"{text[:80]!r} is no host", hint=_HINT)
    return Host(text, address, user, None if port is None else parse_port(port))


def parse_port(text: str) -> int:
    """Read a TCP port."""
    if text.isascii() and text.isdigit() and len(text) <= 5 and 0 < int(text) < 65536:
        return int(text)
    raise ConfigError(f"{text[:20]!r} is no TCP port (1 to 65535)")


def is_user(text: str) -> bool:
    """Tell whether ssh may be given this as the name of a user."""
    return len(text) <= _LONGEST and _USER.fullmatch(text) is not None


def is_address(text: str) -> bool:
    """Tell whether ssh may be given this as a host.

    A leading dash would be an option, and ssh hands names to shells (ProxyCommand, %h).
    """
    if len(text) > _LONGEST:
        return False
    if ":" not in text:
        return _NAME.fullmatch(text) is not None
    address, _, zone = text.partition("%")
    try:
        ipaddress.IPv6Address(address)
    except ValueError:
        return False
    return not zone or _NAME.fullmatch(zone) is not None


def _split(place: str) -> tuple[str, str | None]:
    """Return address and port; an IPv6 address with a port is in brackets."""
    if place.startswith("["):
        address, _, rest = place[1:].partition("]")
        return address, rest.removeprefix(":") if rest else None
    address, colon, port = place.partition(":")
    if colon and ":" not in port:
        return address, port
    return place, None
