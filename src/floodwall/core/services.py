"""The service table: listeners and local addresses in, protected endpoints out.

Law: an endpoint leads to the one listener that the kernel would choose for it, and a service keeps
its index as long as any of its endpoints lives, also over a restart of the daemon.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain

from floodwall.core.address import Address
from floodwall.core.arming import queue_capacity
from floodwall.core.backends import backends, unclear
from floodwall.core.model import (
    Endpoint,
    Exclusion,
    Mechanism,
    Service,
    StackLimits,
    Target,
    Translation,
)
from floodwall.core.settings import Services
from floodwall.core.settings_gateway import GatewayPolicy

SERVICES_MAX = 1024
"""FW_SERVICES_MAX of bpf/abi.h; a test compares."""

KEYS_MAX = 65536
"""FW_SERVICE_KEYS_MAX of bpf/abi.h; a test compares."""

Identity = tuple[Endpoint, int]
"""What no two queues share: bound endpoint and device."""


@dataclass(frozen=True, slots=True)
class ServiceTable:
    """What is protected, what is not, and which endpoint leads where."""

    services: tuple[Service, ...] = ()
    keys: Mapping[Endpoint, int] = field(default_factory=dict)
    exclusions: tuple[Exclusion, ...] = ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the service table depends on, apart from the listeners themselves."""

    addresses: frozenset[Address]
    interfaces: frozenset[int]
    translations: tuple[Translation, ...]
    stack: StackLimits
    policy: Services
    can_hand_over: bool
    gateway: GatewayPolicy = field(default_factory=GatewayPolicy)


@dataclass(frozen=True, slots=True)
class _Queue:
    """Listeners of one bound endpoint and device, which share the connections sent to it."""

    bound: Endpoint
    device: int
    targets: tuple[Target, ...]

    @property
    def identity(self) -> Identity:
        """Return bound endpoint and device."""
        return self.bound, self.device

    @property
    def behind(self) -> bool:
        """Tell whether it is a server's behind this machine."""
        return any(target.behind for target in self.targets)

    @property
    def rank(self) -> tuple[bool, bool, bool, bool]:
        """Order queues as compute_score() of the kernel does: the most specific listener wins.

        Before any of them, packets are translated or routed to what stands behind.
        """
        wildcard = self.bound.address.is_unspecified
        return (self.behind, not wildcard, self.device != 0, self.bound.address.version == 4)


def build_table(
    targets: Iterable[Target], around: Surroundings, previous: Mapping[Endpoint, int]
) -> ServiceTable:
    """Make the table; `previous` are the endpoints and indexes that hold at present."""
    behind = backends(around.gateway, around.translations, around.addresses)
    queues, exclusions = _sort_out([*targets, *behind], around)
    exclusions += unclear(around.gateway, around.translations)
    owners: dict[Endpoint, _Queue] = {}
    kept: list[_Queue] = []
    for queue in sorted(queues, key=lambda q: (q.rank, str(q.bound)), reverse=True):
        reachable = _reach(queue, around.addresses)
        away = () if queue.behind else around.translations
        open_ = [end for end in reachable if not _translated(end, away)]
        mine = [end for end in open_ if end not in owners]
        if reason := _why_not(queue, reachable, open_, mine, owners, kept):
            exclusions.append(_exclude(queue, reason))
            continue
        kept.append(queue)
        owners.update(dict.fromkeys(mine, queue))
    indexes = _assign(kept, owners, previous)
    services = tuple(_service(queue, indexes[queue.identity], around) for queue in kept)
    return ServiceTable(
        services=tuple(sorted(services, key=lambda s: s.index)),
        keys={end: indexes[queue.identity] for end, queue in owners.items()},
        exclusions=tuple(exclusions),
    )


def _sort_out(
    targets: Iterable[Target], around: Surroundings
) -> tuple[list[_Queue], list[Exclusion]]:
    """Group listeners into queues and exclude those that no packet of ours reaches."""
    groups: dict[tuple[Endpoint, int, bool], list[Target]] = {}
    for target in targets:
        groups.setdefault((target.bound, target.device, target.behind), []).append(target)
    queues: list[_Queue] = []
    exclusions: list[Exclusion] = []
    for (bound, device, _), members in groups.items():
        queue = _Queue(bound, device, tuple(members))
        if bound.port in around.policy.exclude_ports:
            exclusions.append(_exclude(queue, "excluded by services.exclude_ports"))
        elif bound.address.is_loopback:
            exclusions.append(_exclude(queue, "listens on loopback only"))
        elif device and device not in around.interfaces:
            exclusions.append(_exclude(queue, "bound to an interface that is not protected"))
        else:
            queues.append(queue)
    return queues, exclusions


def _reach(queue: _Queue, addresses: frozenset[Address]) -> list[Endpoint]:
    """List the endpoints of this machine that a queue listens on."""
    bound = queue.bound
    if not bound.address.is_unspecified:
        # Also when the address is not ours yet: IP_FREEBIND listeners wait for theirs to move in.
        return [bound]
    families = {bound.address.version}
    if any(target.dual_stack for target in queue.targets):
        families.add(4)
    return [
        Endpoint(address, bound.port)
        for address in sorted(addresses, key=lambda a: (a.version, int(a)))
        if address.version in families and not address.is_loopback
    ]


def _translated(endpoint: Endpoint, translations: tuple[Translation, ...]) -> bool:
    return any(translation.covers(endpoint) for translation in translations)


def _why_not(
    queue: _Queue,
    reachable: list[Endpoint],
    open_: list[Endpoint],
    mine: list[Endpoint],
    owners: Mapping[Endpoint, _Queue],
    kept: list[_Queue],
) -> str:
    if not reachable:
        both = any(target.dual_stack for target in queue.targets)
        return f"no local {'' if both else f'IPv{queue.bound.address.version} '}address"
    if not open_ and all(end in owners for end in reachable):
        return "translated: a server behind this machine is protected in its place"
    if not open_:
        return "translated: needs gateway mode"
    if not mine:
        return f"covered by the listener on {owners[open_[0]].bound}"
    if len(kept) >= SERVICES_MAX or len(owners) + len(mine) > KEYS_MAX:
        return f"the data plane holds {SERVICES_MAX} services and {KEYS_MAX} endpoints"
    return ""


def _assign(
    queues: list[_Queue], owners: Mapping[Endpoint, _Queue], previous: Mapping[Endpoint, int]
) -> dict[Identity, int]:
    """Give each queue the index that most of its endpoints had, or else a free one."""
    votes = Counter(
        (queue.identity, previous[endpoint])
        for endpoint, queue in owners.items()
        if endpoint in previous
    )
    indexes: dict[Identity, int] = {}
    taken: set[int] = set()
    for (identity, index), _ in votes.most_common():
        if identity not in indexes and index not in taken:
            indexes[identity] = index
            taken.add(index)
    # Indexes that held a service a moment ago come last: a packet may still be on its way there.
    stale = set(previous.values()) - taken
    free = chain(sorted(set(range(SERVICES_MAX)) - taken - stale), sorted(stale))
    newcomers = (queue for queue in queues if queue.identity not in indexes)
    for queue in sorted(newcomers, key=lambda q: (q.bound.port, str(q.bound), q.device)):
        indexes[queue.identity] = next(free)
    return indexes


def _service(queue: _Queue, index: int, around: Surroundings) -> Service:
    # A connection request of an MPTCP listener must be made by the kernel itself.
    mptcp = any(target.mptcp for target in queue.targets)
    mechanism = Mechanism.HANDOVER if around.can_hand_over and not mptcp else Mechanism.STACK
    capacities = [queue_capacity(target.backlog, around.stack) for target in queue.targets]
    if queue.behind:
        mechanism, capacities = Mechanism.SPLICE, [around.gateway.half_open]
    return Service(
        index=index,
        bound=queue.bound,
        device=queue.device,
        targets=queue.targets,
        mode=around.policy.mode_of(queue.bound.port),
        mechanism=mechanism,
        # SO_REUSEPORT spreads evenly over the group: the smallest queue is full first.
        capacity=len(capacities) * min(capacities),
    )


def _exclude(queue: _Queue, reason: str) -> Exclusion:
    process = next((target.process for target in queue.targets if target.process), "")
    return Exclusion(queue.bound, reason, process)
