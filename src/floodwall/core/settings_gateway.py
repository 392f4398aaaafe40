"""Settings of a gateway: what stands behind it, and how much of it is let through unproven."""

from ipaddress import ip_address
from typing import Final

from pydantic import field_validator

from floodwall.core.address import Address
from floodwall.core.declare import Section, declare

_SERVICES_MAX: Final = 1024


class GatewayPolicy(Section):
    """Whether and how servers behind this machine are protected."""

    enabled: bool = declare(
        False,
        "",
        "Answer SYNs for the servers behind this machine, too; nothing on them is changed.",
        "pf: synproxy state is said rule by rule",
    )
    services: tuple[str, ...] = declare(
        (),
        "",
        "Addresses and ports of theirs as seen from outside, such as 192.0.2.10:443 or "
        "[2001:db8::10]:443; those of readable NAT rules are found without.",
        "NAT rules say what leads where; routes do not say what listens",
        max_length=_SERVICES_MAX,
    )
    learn: bool = declare(
        True,
        "",
        "Protect what nftables translates to another address, port by port.",
        "a port forward is there because somebody serves behind it",
    )
    half_open: int = declare(
        16,
        "handshakes",
        "Unfinished handshakes of each service that may stand on the servers, at the most.",
        "an eighth of a backlog of 128, the default of many servers",
        ge=2,
        le=10**6,
    )
    tracked: bool = declare(
        False,
        "",
        "Connections are tracked here although nothing is translated; then ACKs that belong to "
        "none are dropped during an attack.",
        "where something is translated, this is so",
    )

    @field_validator("services")
    @classmethod
    def _endpoints(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        for text in texts:
            split_endpoint(text)
        return texts


def split_endpoint(text: str) -> tuple[Address, int]:
    """Read `address:port`, an IPv6 address in brackets; ValueError for anything else."""
    host, colon, port = text.rpartition(":")
    plain = host.removeprefix("[").removesuffix("]")
    if not colon or not port.isdecimal() or not 0 < int(port) < 65536:
        raise ValueError(f"{text!r} is not address:port, such as 192.0.2.10:443")
    address = ip_address(plain)
    if (address.version == 6) != (host != plain):
        raise ValueError(f"{text!r}: an IPv6 address stands in brackets: [2001:db8::10]:443")
    return address, int(port)
