"""Addresses of this machine."""

from floodwall.core.address import Address
from floodwall.kernel import rtnetlink


def own_addresses() -> frozenset[Address]:
    """Return the addresses of all interfaces, without loopback ones.

    LIMIT: prefixes that are local by a route alone (AnyIP) are not listed; listeners bound to an
    address of theirs are protected, wildcards are not protected there.
    """
    return frozenset(each.addr for each in rtnetlink.addresses() if not each.addr.is_loopback)
