"""How full the queues of each listening socket are, and what they really take."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address

from floodwall.core.address import Address
from floodwall.core.arming import queue_capacity
from floodwall.core.model import Endpoint, StackLimits
from floodwall.core.signs import Queue
from floodwall.sense.listeners import Listening

_ANY4: Address = IPv4Address(0)
_ANY6: Address = IPv6Address(0)
_Group = tuple[Endpoint, int]  # bound endpoint and device


def read_queues(
    listening: Iterable[Listening], requests: Mapping[Endpoint, int], stack: StackLimits | None
) -> tuple[Queue, ...]:
    """Return the queues of each listener; `requests` are half-open ones by local endpoint.

    LIMIT: the kernel does not say which socket of an SO_REUSEPORT group holds a request; each is
    given an even share, as the hash that chooses one spreads them.
    """
    groups: dict[_Group, list[Listening]] = {}
    for each in listening:
        groups.setdefault((each.bound, each.socket.ifindex), []).append(each)
    return tuple(_queues(groups, _by_group(requests, groups), stack))


def _by_group(
    requests: Mapping[Endpoint, int], groups: Mapping[_Group, object]
) -> Mapping[_Group, int]:
    """Count requests by the group of listeners that took them: the most specific one."""
    found: Counter[_Group] = Counter()
    by_bound: dict[Endpoint, _Group] = {}
    for group in sorted(groups, key=lambda group: group[1], reverse=True):
        by_bound[group[0]] = group  # of several, the one that is bound to no device
    for local, count in requests.items():
        candidates = (local, Endpoint(_wildcard(local), local.port), Endpoint(_ANY6, local.port))
        owner = next((by_bound[bound] for bound in candidates if bound in by_bound), None)
        if owner is not None:
            found[owner] += count
    return found


def _queues(
    groups: Mapping[_Group, list[Listening]],
    requests: Mapping[_Group, int],
    stack: StackLimits | None,
) -> Iterator[Queue]:
    for group, members in groups.items():
        share, odd = divmod(requests.get(group, 0), len(members))
        for number, member in enumerate(members):
            backlog = member.socket.backlog
            yield Queue(
                bound=group[0],
                device=group[1],
                half_open=share + (number < odd),
                waiting=member.socket.accept_queue,
                backlog=backlog,
                process=member.owner.name,
                pid=member.owner.pid,
                capacity=queue_capacity(backlog, stack) if stack else 0,
                drops=member.socket.drops,
            )


def _wildcard(endpoint: Endpoint) -> Address:
    return _ANY4 if endpoint.address.version == _ANY4.version else _ANY6
