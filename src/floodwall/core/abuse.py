"""Proven abusers: addresses that complete handshakes and then exceed the operator's limits.

Law: only connections that the stack holds count here, never a SYN: what is not established is
not proven.
"""

from collections.abc import Iterator
from dataclasses import replace

from floodwall.core.address import Address
from floodwall.core.bans import Charge, judge_charges
from floodwall.core.duration import format_duration
from floodwall.core.model import SECOND_NS, Service
from floodwall.core.networks import as_network
from floodwall.core.observation import Observation
from floodwall.core.response import Watch
from floodwall.core.settings import ServiceMode
from floodwall.core.settings_response import SourceLimits
from floodwall.core.signs import Peer
from floodwall.core.state import State
from floodwall.core.upkeep import Step
from floodwall.core.verdict import Evidence

GAP_NS = 5 * SECOND_NS
"""A source that was not seen for so long was not above its limit in a row."""

WATCHES_MAX = 65536
"""Sources watched at a time."""

SOURCE_PORT = "source_port"
"""Name of the evidence that tells from which port an abuser came."""

Excess = tuple[str, Evidence]
"""The rule that a source broke, and by how much."""


def ban_abusers(state: State, seen: Observation) -> Step:
    """Ban the sources of strict services that were above a limit for long enough."""
    if seen.signs.connections is None:
        return state, []
    limits = state.settings.limits
    long_ns = int(limits.for_s * SECOND_NS)
    before = state.response.watches
    watches: dict[tuple[int, Address], Watch] = {}
    charges: list[Charge] = []
    for service, peer in _strict_peers(state, seen):
        found = tuple(excesses(peer, limits))
        if not found or len(watches) >= WATCHES_MAX:
            continue
        key = (service.index, peer.address)
        watch = watches[key] = _watched(before.get(key), seen.now_ns)
        if seen.now_ns - watch.since_ns >= long_ns:
            charges.append(_charge(service, peer, found, limits))
    state = replace(state, response=replace(state.response, watches=watches))
    return judge_charges(state, seen, charges)


def excesses(peer: Peer, limits: SourceLimits) -> Iterator[Excess]:
    """Yield each limit that a source exceeds."""
    if limits.idle and _is_mute(peer, limits):
        text = f"{peer.mute} connections that never sent a byte, more than {limits.idle}"
        yield "limits.idle", Evidence("mute_connections", peer.mute, limits.idle, text)
    if 0 < limits.concurrent < peer.concurrent:
        text = f"{peer.concurrent} connections open, more than {limits.concurrent}"
        yield (
            "limits.concurrent",
            Evidence("concurrent_connections", peer.concurrent, limits.concurrent, text),
        )
    if 0 < limits.new_rate < peer.opened:
        text = f"{peer.opened} connections opened in a second, more than {limits.new_rate}"
        yield "limits.new_rate", Evidence("new_connections", peer.opened, limits.new_rate, text)


def _is_mute(peer: Peer, limits: SourceLimits) -> bool:
    return peer.mute > max(limits.idle, peer.concurrent * limits.idle_share)


def _strict_peers(state: State, seen: Observation) -> Iterator[tuple[Service, Peer]]:
    strict = {s.index: s for s in state.table.services if s.mode is ServiceMode.STRICT}
    for connections in seen.signs.connections or ():
        service = strict.get(connections.index)
        if service is not None:
            yield from ((service, peer) for peer in connections.peers)


def _watched(before: Watch | None, now_ns: int) -> Watch:
    if before is None or not 0 <= now_ns - before.last_ns <= GAP_NS:
        return Watch(now_ns, now_ns)
    return Watch(before.since_ns, now_ns)


def _charge(
    service: Service, peer: Peer, found: tuple[Excess, ...], limits: SourceLimits
) -> Charge:
    rule, worst = found[0]
    return Charge(
        network=as_network(peer.address),
        service=service,
        rule=rule,
        text=f"{worst.text}, to {service.name} for {format_duration(limits.for_s)}",
        evidence=(*(evidence for _, evidence in found), *_port(peer)),
    )


def _port(peer: Peer) -> Iterator[Evidence]:
    """Yield what a provider asks for who lets many share an address, RFC 6302."""
    if peer.port:
        yield Evidence(SOURCE_PORT, peer.port, text=f"one of them from port {peer.port}")
