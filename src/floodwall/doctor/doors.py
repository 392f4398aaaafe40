"""A real connection to each listener from this machine itself, all at once and bounded.

They are the daemon's canaries: broken off before the last step, so that no application sees them.
"""

import time
from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address

from floodwall.core.address import Address
from floodwall.core.errors import FloodwallError
from floodwall.core.model import Endpoint
from floodwall.core.settings_sense import CanaryPolicy
from floodwall.core.signs import Canary
from floodwall.doctor.sample import Sockets
from floodwall.doctor.window import groups
from floodwall.sense.canary import CanarySensor

MOST = 256
"""Listeners that are tried; a machine with more has a pattern that these show, too."""

_STEP_S = 0.01
_LOOPBACK4: Address = IPv4Address("127.0.0.1")
_LOOPBACK6: Address = IPv6Address("::1")
_Group = tuple[Endpoint, int]


def choose_doors(sockets: Sockets) -> list[tuple[_Group, Endpoint]]:
    """Return whom to try and where; a listener that is bound to a device does not hear us."""
    found = []
    for group in groups(sockets):
        bound, device = group
        if device or bound.address.is_link_local:
            continue
        address = bound.address
        if address.is_unspecified:
            address = _LOOPBACK4 if address.version == 4 else _LOOPBACK6
        found.append((group, Endpoint(address, bound.port)))
    return found[:MOST]


def try_doors(sockets: Sockets, patience_s: float) -> tuple[Mapping[_Group, Canary], str]:
    """Try them all until each has answered or the time is over; return what came of each.

    The text says why nothing could be tried at all, and is empty otherwise.
    """
    chosen = choose_doors(sockets)
    if not chosen:
        return {}, ""
    policy = CanaryPolicy(timeout_s=min(max(patience_s, 0.1), 10), per_second=len(chosen))
    sensor = CanarySensor()
    trouble = ""
    ended: tuple[Canary, ...] = ()
    try:
        began = time.monotonic()
        doors = {index: endpoint for index, (_, endpoint) in enumerate(chosen)}
        sensor.begin(time.monotonic_ns(), doors, policy)
        while time.monotonic() - began < patience_s and len(ended) < len(chosen):
            time.sleep(_STEP_S)
            ended = sensor.collect(time.monotonic_ns())
            if not sensor.trying:
                break
        tried = sensor.trying
    except FloodwallError as error:
        tried, trouble = frozenset(), error.message
    finally:
        sensor.close()
    late = f"no answer within {patience_s:.1f} s"
    found = {chosen[canary.index or 0][0]: canary for canary in ended}
    for index in tried:
        group, endpoint = chosen[index]
        found[group] = Canary(endpoint, connected=False, why=late, index=index)
    return found, trouble
