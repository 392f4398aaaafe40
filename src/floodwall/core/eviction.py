"""What a ban leaves behind: half-open entries and connections of a source that is not heard again.

A ban alone empties no queue and frees no worker of a server: what is open stays open until the
application or the stack gives it up, a minute later or two hours.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from floodwall.core.address import Address, Network
from floodwall.core.bans import guards, say_once
from floodwall.core.commands import CloseConnections, DestroyHalfOpen
from floodwall.core.decision import Act
from floodwall.core.ladder import conclude
from floodwall.core.model import SECOND_NS, HalfOpen, Service
from floodwall.core.networks import NetworkSet, as_network
from floodwall.core.observation import Observation
from floodwall.core.relief import DESTROY_MAX
from floodwall.core.settings import ServiceMode
from floodwall.core.signs import Peer
from floodwall.core.state import State
from floodwall.core.upkeep import Step
from floodwall.core.verdict import Evidence

AGAIN_NS = 10 * SECOND_NS
"""Connections of one source are closed so often at most: where that fails, it fails quietly."""

NAMED_MAX = 8
"""Networks named in one decision; the command has them all."""


def empty_queues(state: State, seen: Observation) -> Step:
    """Destroy what banned sources hold in the queues."""
    if not state.response.bans or not seen.half_open or not state.settings.half_open.destroy:
        return state, []
    banned = _Banned(state)
    services = _touchable(state)
    doomed: dict[int | None, list[HalfOpen]] = {}
    for entry in seen.half_open:
        index = state.table.keys.get(entry.local)
        if index in services and entry.remote.address in banned:
            doomed.setdefault(index, []).append(entry)
    return state, [
        DestroyHalfOpen(services[index].name, tuple(entries[:DESTROY_MAX]))
        for index, entries in doomed.items()
    ]


def close_connections(state: State, seen: Observation) -> Step:
    """Close what banned sources hold open: at the ban, and what is seen of them after it."""
    services = _touchable(state)
    if not state.response.bans or not services or not state.settings.bans.close:
        return state, []
    response, networks = state.response, _banned_now(state, seen.now_ns)
    peers = tuple(_peers(seen, services))
    if not peers and not networks:
        return state, []
    banned = _Banned(state)
    for peer in peers:
        network = as_network(peer.address)
        if network not in networks and peer.address in banned:
            said = say_once(response, f"close {network}", seen.now_ns, AGAIN_NS)
            response = said or response
            if said is not None:
                networks.add(network)
    if not networks:
        return state, []
    endpoints = frozenset(end for end, index in state.table.keys.items() if index in services)
    text = f"close what {len(networks)} banned sources hold open"
    decision = conclude(
        "bans.close",
        Act.DESTROY,
        seen.now_ns,
        ", ".join(sorted(map(str, networks))[:NAMED_MAX]),
        text,
        evidence=(Evidence("banned_sources", len(networks), 0, text),),
    )
    command = CloseConnections(frozenset(networks), endpoints, decision)
    return replace(state, response=response), [command]


class _Banned:
    """Addresses that are banned, and that may be."""

    def __init__(self, state: State) -> None:
        self._banned = NetworkSet(state.response.bans)
        self._guarded = NetworkSet(guards(state))

    def __contains__(self, address: Address) -> bool:
        return address in self._banned and address not in self._guarded


def _banned_now(state: State, now_ns: int) -> set[Network]:
    """Return what was banned in this second."""
    bans = state.response.bans
    fresh = [network for network, ban in bans.items() if ban.decision.at_ns == now_ns]
    if not fresh:
        return set()
    guarded = NetworkSet(guards(state))
    return {network for network in fresh if guarded.touching(network) is None}


def _peers(seen: Observation, services: Mapping[int | None, Service]) -> Iterator[Peer]:
    for connections in seen.signs.connections or ():
        if connections.index in services:
            yield from connections.peers


def _touchable(state: State) -> dict[int | None, Service]:
    """Return the services that are more than observed, by index."""
    return {s.index: s for s in state.table.services if s.mode is not ServiceMode.OBSERVE}
