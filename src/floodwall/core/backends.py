"""What stands behind a gateway, as it is seen from outside: from the settings and NAT rules.

Law: only what is named port by port is taken; a rule for all ports says not what listens.
"""

from collections.abc import Iterator
from ipaddress import IPv4Address
from typing import Final

from floodwall.core.address import Address
from floodwall.core.model import Endpoint, Exclusion, Target, Translation
from floodwall.core.settings_gateway import GatewayPolicy, split_endpoint

PORTS_MAX: Final = 64
"""A rule for more ports than that is taken for one of all ports."""

ADDRESSES_MAX: Final = 256
"""Likewise for addresses."""


def backends(
    policy: GatewayPolicy, translations: tuple[Translation, ...], addresses: frozenset[Address]
) -> tuple[Target, ...]:
    """Return a target for each endpoint that servers behind this machine are reached by."""
    if not policy.enabled:
        return ()
    found: dict[Endpoint, None] = {}
    for text in policy.services:
        found[Endpoint(*split_endpoint(text))] = None
    for translation in translations if policy.learn else ():
        found |= dict.fromkeys(_endpoints(translation, addresses))
    return tuple(Target(bound, policy.half_open, behind=True) for bound in found)


def is_tracked(policy: GatewayPolicy, translations: tuple[Translation, ...]) -> bool:
    """Tell whether conntrack knows the connections to what stands behind."""
    return policy.enabled and (policy.tracked or bool(translations))


def unclear(policy: GatewayPolicy, translations: tuple[Translation, ...]) -> tuple[Exclusion, ...]:
    """Return what is translated, but not to be protected by what the rule says."""
    if not policy.enabled or not policy.learn:
        return ()
    return tuple(
        Exclusion(Endpoint(_first(each), each.first_port), why)
        for each in translations
        if (why := _why_unclear(each))
    )


def _first(translation: Translation) -> Address:
    network = translation.network
    return IPv4Address(0) if network is None else network.network_address


def _why_unclear(translation: Translation) -> str:
    if translation.last_port - translation.first_port >= PORTS_MAX:
        return "translated for too many ports to be learned: name them in gateway.services"
    network = translation.network
    if network is not None and network.num_addresses > ADDRESSES_MAX:
        return "translated for too many addresses to be learned: name them in gateway.services"
    return ""


def _endpoints(translation: Translation, addresses: frozenset[Address]) -> Iterator[Endpoint]:
    if _why_unclear(translation):
        return
    network = translation.network
    there: Iterator[Address]
    if network is None:
        # Addresses that a rule does not name are ours: others are not sent here to be translated.
        ordered = sorted(addresses, key=lambda a: (a.version, int(a)))
        there = (address for address in ordered if not address.is_loopback)
    else:
        there = iter(network)
    for address in there:
        for port in range(translation.first_port, translation.last_port + 1):
            yield Endpoint(address, port)
