"""The parts of one observation that rules of single services need, sorted by service once."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from floodwall.core.address import Address
from floodwall.core.arming import half_open_lifetime_s
from floodwall.core.baseline import hour_of_week
from floodwall.core.model import Endpoint, HalfOpen, Service
from floodwall.core.observation import Observation
from floodwall.core.signs import Canary, Connections, Queue

STALE_LEAST = 16
"""Fewer half-open connections in all are not worth counting by service."""

Queues = Mapping[tuple[Endpoint, int], Queue]


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
    queues: Queues | None = None
    """The fullest accept queue of each bound endpoint and device."""
    connections: Mapping[int, Connections] = field(default_factory=dict)
    canaries: Mapping[int, Canary] = field(default_factory=dict)
    stale: Mapping[int, int] | None = None
    hinted: frozenset[int | None] = frozenset()
    """Ports that the kernel's log spoke of."""
    blind: tuple[str, ...] = ()
    """Sensors that rules would use and that failed."""


def make_scene(
    seen: Observation, services: tuple[Service, ...], overflows: int, retries: int
) -> Scene:
    """Sort an observation; `retries` are the tcp_synack_retries that were last seen."""
    signs = seen.signs
    named = (
        ("accept queues", signs.queues),
        ("stack counters", signs.stack),
        ("connections", signs.connections),
    )
    return Scene(
        now_ns=seen.now_ns,
        hour=hour_of_week(seen.wall_s),
        lifetime_s=half_open_lifetime_s(retries),
        somaxconn=seen.stack.somaxconn if seen.stack else 4096,
        overflows=overflows,
        queues=None if signs.queues is None else _fullest(signs.queues),
        connections={one.index: one for one in signs.connections or ()},
        canaries=_canaries(signs.canaries or (), services),
        stale=_stale(seen.half_open, services),
        hinted=frozenset(one.port for one in signs.hints or () if one.kind == "syn_flooding"),
        blind=tuple(name for name, sensed in named if sensed is None),
    )


def owners(services: Iterable[Service]) -> dict[tuple[Address | int, int], int]:
    """Map address and port, or IP version and port for wildcards, to the index of a service."""
    found: dict[tuple[Address | int, int], int] = {}
    for service in services:
        bound = service.bound
        if not bound.address.is_unspecified:
            found[bound.address, bound.port] = service.index
            continue
        found[bound.address.version, bound.port] = service.index
        if any(target.dual_stack for target in service.targets):
            found.setdefault((4, bound.port), service.index)
    return found


def _fullest(queues: Iterable[Queue]) -> Queues:
    """SO_REUSEPORT makes several queues of one endpoint: the fullest is the first to refuse."""
    found: dict[tuple[Endpoint, int], Queue] = {}
    for queue in queues:
        key = (queue.bound, queue.device)
        known = found.get(key)
        if known is None or queue.fill > known.fill:
            found[key] = queue
    return found


def _canaries(canaries: Iterable[Canary], services: Iterable[Service]) -> dict[int, Canary]:
    """Sort handshakes of our own by service; one that failed counts more than one that did not."""
    found: dict[int, Canary] = {}
    by_place: dict[tuple[Address | int, int], int] | None = None
    for canary in canaries:
        index = canary.index
        if index is None:
            by_place = by_place or owners(services)
            index = _owner(by_place, canary.endpoint)
        if index is not None and (index not in found or not canary.connected):
            found[index] = canary
    return found


def _stale(
    half_open: tuple[HalfOpen, ...] | None, services: tuple[Service, ...]
) -> dict[int, int] | None:
    """Count half-open connections whose SYN-ACK was sent again, of sources without proof."""
    if half_open is None:
        return None
    counts: dict[int, int] = {}
    if len(half_open) < STALE_LEAST:
        return counts
    by_place = owners(services)
    for entry in half_open:
        if entry.retransmits and not entry.proven:
            index = _owner(by_place, entry.local)
            if index is not None:
                counts[index] = counts.get(index, 0) + 1
    return counts


def _owner(by_place: Mapping[tuple[Address | int, int], int], place: Endpoint) -> int | None:
    index = by_place.get((place.address, place.port))
    return by_place.get((place.address.version, place.port)) if index is None else index
