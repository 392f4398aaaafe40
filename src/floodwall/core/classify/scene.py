"""The parts of one observation that rules of single services need, sorted by service once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from floodwall.core.address import Address
from floodwall.core.arming import half_open_lifetime_s
from floodwall.core.baseline import hour_of_week
from floodwall.core.model import Endpoint, HalfOpen, Service
from floodwall.core.observation import Observation
from floodwall.core.signs import Canary, Connections, Queue

RETRIES = 5
"""tcp_synack_retries unless it is known better: the kernel's default."""

STALE_LEAST = 16
"""Fewer half-open connections in all are not worth counting by service."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One observation, sorted."""

    now_ns: int
    hour: int | None
    """Hour of week, if the wall clock is known."""
    lifetime_s: float
    somaxconn: int
    overflows: int = 0
    """Growth of ListenOverflows."""
    queues: Mapping[int, Queue] | None = None
    """The fullest accept queue of each service."""
    connections: Mapping[int, Connections] = field(default_factory=dict)
    canaries: Mapping[int, Canary] = field(default_factory=dict)
    stale: Mapping[int, int] | None = None
    waiting: Mapping[int, int] | None = None
    """Half-open connections of each service, whatever their age."""
    hinted: frozenset[int | None] = frozenset()
    """Ports that the kernel's log spoke of."""
    counted: bool = True
    """False where there is no data plane: flows are derived from queues and the stack."""
    blind: tuple[str, ...] = ()
    """Sensors that rules would use and that failed."""


def make_scene(
    seen: Observation, services: tuple[Service, ...], overflows: int, retries: int | None
) -> Scene:
    """Sort an observation; `retries` is the tcp_synack_retries to reckon with, if known."""
    signs = seen.signs
    places = Places(services)
    named = (
        ("accept queues", signs.queues),
        ("stack counters", signs.stack),
        ("connections", signs.connections),
    )
    return Scene(
        now_ns=seen.now_ns,
        hour=hour_of_week(seen.wall_s),
        lifetime_s=half_open_lifetime_s(RETRIES if retries is None else retries),
        somaxconn=seen.stack.somaxconn if seen.stack else 4096,
        overflows=overflows,
        queues=None if signs.queues is None else _fullest(signs.queues, services),
        connections={one.index: one for one in signs.connections or ()},
        canaries=_canaries(signs.canaries or (), places),
        stale=None if seen.half_open is None else _stale(seen.half_open, places),
        waiting=None if seen.half_open is None else _count(seen.requests.items(), places),
        hinted=frozenset(one.port for one in signs.hints or () if one.kind == "syn_flooding"),
        counted=seen.data_plane,
        blind=tuple(name for name, sensed in named if sensed is None),
    )


class Places:
    """Which service a local endpoint leads to: a listener's own address before a wildcard."""

    def __init__(self, services: Iterable[Service]) -> None:
        self._by_port: dict[int, list[tuple[Address | None, frozenset[int], int]]] = {}
        for service in services:
            address, port = service.bound.address, service.bound.port
            there = self._by_port.setdefault(port, [])
            if not address.is_unspecified:
                there.insert(0, (address, frozenset(), service.index))
                continue
            versions = {address.version}
            if any(target.dual_stack for target in service.targets):
                versions.add(4)
            there.append((None, frozenset(versions), service.index))

    def find(self, place: Endpoint) -> int | None:
        """Return the index of the service, or None if it is none of them."""
        for address, versions, index in self._by_port.get(place.port, ()):
            if place.address == address or place.address.version in versions:
                return index
        return None


def _fullest(queues: Iterable[Queue], services: Iterable[Service]) -> dict[int, Queue]:
    """SO_REUSEPORT makes several queues of one endpoint: the fullest is the first to refuse."""
    by_port: dict[int, list[Queue]] = {}
    for queue in queues:
        by_port.setdefault(queue.bound.port, []).append(queue)
    found: dict[int, Queue] = {}
    for service in services:
        for queue in by_port.get(service.bound.port, ()):
            if queue.bound != service.bound or queue.device != service.device:
                continue
            known = found.get(service.index)
            if known is None or queue.fill > known.fill:
                found[service.index] = queue
    return found


def _canaries(canaries: Iterable[Canary], places: Places) -> dict[int, Canary]:
    """Sort handshakes of our own by service; one that failed counts more than one that did not."""
    found: dict[int, Canary] = {}
    for canary in canaries:
        index = places.find(canary.endpoint) if canary.index is None else canary.index
        if index is not None and (index not in found or not canary.connected):
            found[index] = canary
    return found


def _stale(half_open: tuple[HalfOpen, ...], places: Places) -> dict[int, int]:
    """Count half-open connections whose SYN-ACK was sent again, of sources without proof."""
    if len(half_open) < STALE_LEAST:
        return {}
    return _count(
        ((entry.local, 1) for entry in half_open if entry.retransmits and not entry.proven), places
    )


def _count(counted: Iterable[tuple[Endpoint, int]], places: Places) -> dict[int, int]:
    counts: dict[int, int] = {}
    for place, count in counted:
        index = places.find(place)
        if index is not None:
            counts[index] = counts.get(index, 0) + count
    return counts
