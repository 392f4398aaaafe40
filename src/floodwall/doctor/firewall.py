"""Whether this network namespace has rules of a firewall at all."""

from pathlib import Path

from floodwall.core.errors import FloodwallError
from floodwall.kernel.nftables import Nftables

_LEGACY = tuple(
    Path("/proc/thread-self/net") / name for name in ("ip_tables_names", "ip6_tables_names")
)
_FAMILIES = ("inet", "ip", "ip6", "netdev")


def has_firewall(legacy: tuple[Path, ...] = _LEGACY) -> bool | None:
    """Tell whether there are chains of nftables or tables of legacy iptables; None without root."""
    try:
        if any(path.exists() and path.read_text().split() for path in legacy):
            return True
        with Nftables() as rules:
            return any(rules.chains(family) for family in _FAMILIES)
    except (FloodwallError, OSError):
        return None
