"""Whom a defence must never cut off, as the lab has them, for a flood that forges just these.

The gateway, the server itself, its resolvers, the peer of a live session on the SSH port, and a
network that the operator allowed.
"""

from ipaddress import ip_network
from pathlib import Path

from floodwall.core.address import Network
from floodwall.lab.addresses import SERVER_LINK, Family, clients, network, router, server
from floodwall.sense.protected import SSH_PORT, resolvers

PEERS_NETWORK = 1
ALLOWED_HOSTS = 8
_ALLOWED_FIRST = 240  # the first host of the allowed network
_RESOLV_CONF = Path("/etc/resolv.conf")

__all__ = ["PEERS_NETWORK", "SSH_PORT", "allowed", "forged", "gateway", "settings", "ssh_peer"]


def gateway(family: Family) -> str:
    """Return the server's gateway: the router."""
    return str(router(family, SERVER_LINK))


def ssh_peer(family: Family) -> str:
    """Return the client that holds the session: the last one of its network."""
    return str(clients(family, PEERS_NETWORK)[-1])


def allowed(family: Family) -> Network:
    """Return the clients that the operator named."""
    whole = network(family, PEERS_NETWORK)
    bits = whole.max_prefixlen - (ALLOWED_HOSTS - 1).bit_length()
    return ip_network(f"{whole[_ALLOWED_FIRST]}/{bits}")


def forged(family: Family) -> tuple[str, ...]:
    """Return everybody of one family, as sources that an attacker writes."""
    named = (one for one in resolvers(_read_resolv_conf()) if one.version == family)
    return (
        gateway(family),
        str(server(family)),
        ssh_peer(family),
        *(str(one) for one in allowed(family)),
        *(str(one) for one in named if not one.is_loopback),
    )


def settings() -> str:
    """Return the settings that name the operator's network."""
    names = ", ".join(f'"{allowed(family)}"' for family in Family)
    return f"[protect]\nnever_ban = [{names}]\n"


def _read_resolv_conf() -> str:
    return _RESOLV_CONF.read_text(errors="replace") if _RESOLV_CONF.exists() else ""
