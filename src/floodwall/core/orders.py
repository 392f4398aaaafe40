"""An operator's word about arming: challenge a service for a while, or take that back.

Law: nobody's word switches protection off; after `calm` the kernel arms again as soon as it must.
"""

from dataclasses import replace

from floodwall.core.commands import Command, SetLimits
from floodwall.core.errors import ConfigError
from floodwall.core.model import Service
from floodwall.core.relief import CHALLENGED, RESET_SEQUENCES
from floodwall.core.state import State
from floodwall.core.upkeep import Step


def named(state: State, words: str) -> tuple[Service, ...]:
    """Return the services that an operator means by a port, an endpoint or a full name."""
    found = tuple(
        service
        for service in state.table.services
        if words in {str(service.bound.port), service.name, service.name.split(" ")[0]}
    )
    if not found:
        known = ", ".join(service.name for service in state.table.services) or "nothing"
        raise ConfigError(f"no service is called {words!r}", hint=f"protected are: {known}")
    return found


def arm(state: State, services: tuple[Service, ...], until_ns: int) -> Step:
    """Challenge services until then, whatever their queues hold."""
    for service in services:
        if service.mode not in CHALLENGED:
            raise ConfigError(f"{service.name} is always in mode {service.mode}, by the settings")
    by_hand = {**state.by_hand, **{service.index: until_ns for service in services}}
    limits, commands = dict(state.limits), list[Command]()
    for service in services:
        before = limits[service.index]
        after = replace(before, forced_until_ns=max(before.forced_until_ns, until_ns))
        limits[service.index] = after
        commands.append(SetLimits(service.index, after))
    return replace(state, by_hand=by_hand, limits=limits), commands


def calm(state: State, services: tuple[Service, ...]) -> Step:
    """Take every arming from outside of the kernel back, and forget what services wait for."""
    indexes = {service.index for service in services}
    limits, commands = dict(state.limits), list[Command]()
    for index in indexes:
        before = limits[index]
        sequence = (before.reset_seq + 1) % RESET_SEQUENCES
        limits[index] = replace(before, forced_until_ns=0, reset_seq=sequence)
        commands.append(SetLimits(index, limits[index]))
    by_hand = {index: until for index, until in state.by_hand.items() if index not in indexes}
    pulses = {i: pulse for i, pulse in state.response.pulses.items() if i not in indexes}
    response = replace(state.response, pulses=pulses)
    return replace(state, by_hand=by_hand, limits=limits, response=response), commands
