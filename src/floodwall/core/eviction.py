"""What a ban leaves behind: half-open entries and connections of a source that is not heard again.

A ban alone empties no queue and frees no worker of a server: what is open stays open until the
application or the stack gives it up, a minute later or two hours.
"""

from collections.abc import Iterator
from dataclasses import replace

from floodwall.core.address import Address
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
    """Close what banned sources hold open with the protected services."""
    if not state.response.bans or not state.settings.bans.close:
        return state, []
    response, networks, count = state.response, set(), 0
    for peer in _banned_peers(state, seen):
        said = say_once(response, f"close {peer.address}", seen.now_ns, AGAIN_NS)
        if said is not None:
            response = said
            networks.add(as_network(peer.address))
            count += peer.concurrent
    if not networks:
        return state, []
    services = _touchable(state)
    endpoints = frozenset(end for end, index in state.table.keys.items() if index in services)
    text = f"close {count} connections of {len(networks)} banned sources"
    decision = conclude(
        "bans.close",
        Act.DESTROY,
        seen.now_ns,
        f"{len(networks)} sources",
        text,
        evidence=(Evidence("connections_of_banned", count, 0, text),),
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


def _banned_peers(state: State, seen: Observation) -> Iterator[Peer]:
    services = _touchable(state)
    banned: _Banned | None = None
    for connections in seen.signs.connections or ():
        if connections.index not in services:
            continue
        for peer in connections.peers:
            banned = banned or _Banned(state)
            if peer.address in banned:
                yield peer


def _touchable(state: State) -> dict[int | None, Service]:
    """Return the services that are more than observed, by index."""
    return {s.index: s for s in state.table.services if s.mode is not ServiceMode.OBSERVE}
