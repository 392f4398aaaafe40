"""Two samples become the symptoms of the window between them; pure."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address

from floodwall.core.address import Address, unpack
from floodwall.core.diagnosis.capacity import release, syn_queue_capacity
from floodwall.core.diagnosis.symptoms import (
    Hint,
    LinkSigns,
    ServiceSigns,
    SoftnetSigns,
    Symptoms,
)
from floodwall.core.model import Endpoint
from floodwall.core.signs import Canary, Peer
from floodwall.doctor.sample import Held, Requests, Sample, Socket, Sockets
from floodwall.sense.cpu import load
from floodwall.sense.processes import NOBODY, Owner

PEERS = 8
"""Largest sources of a listener that are kept."""

_NAMED = 3  # interfaces in one line

_ANY4: Address = IPv4Address(0)
_ANY6: Address = IPv6Address(0)
_Group = tuple[Endpoint, int]


@dataclass(frozen=True, slots=True)
class Beside:
    """What is known beside the samples."""

    owners: Mapping[int, Owner] = field(default_factory=dict)
    canaries: Mapping[_Group, Canary] = field(default_factory=dict)
    hints: tuple[Hint, ...] | None = None
    speeds: Mapping[str, int] = field(default_factory=dict)
    """Bits a second that the operator knows of, by interface."""
    firewall: bool | None = None
    guarded: bool = False
    held_off: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


def between(before: Sample, after: Sample, beside: Beside) -> Symptoms:
    """Return what the window between two samples shows."""
    seconds = max(after.at_s - before.at_s, 1e-3)
    moved = None
    if before.counters is not None and after.counters is not None:
        earlier = before.counters
        moved = {name: now - earlier.get(name, 0) for name, now in after.counters.items()}
    cpu = load(before.cpu, after.cpu) if before.cpu and after.cpu else None
    links = _links(before, after, beside.speeds)
    unseen = dict.fromkeys((*before.unseen, *after.unseen, *_unmeasured(links), *beside.unseen))
    return Symptoms(
        seconds=seconds,
        kernel=after.kernel,
        uptime_s=after.uptime_s,
        services=None if after.sockets is None else tuple(_services(before, after, beside)),
        stack=after.stack,
        moved=moved,
        totals=after.counters or {},
        links=links,
        conntrack=after.conntrack,
        lost_to_conntrack=_lost(before, after),
        cpu=cpu,
        cpus=len(after.cpu or ()) or 1,
        softnet=_softnet(before, after),
        memory=after.memory,
        hints=beside.hints,
        firewall=beside.firewall,
        probes=len(beside.canaries),
        guarded=beside.guarded,
        held_off=beside.held_off,
        unseen=tuple(unseen),
    )


def groups(sockets: Sockets) -> dict[_Group, list[Socket]]:
    """Return the listening sockets by what they are bound to."""
    found: dict[_Group, list[Socket]] = {}
    for one in sockets.listening:
        found.setdefault((one.bound, one.device), []).append(one)
    return found


def _services(before: Sample, after: Sample, beside: Beside) -> Iterator[ServiceSigns]:
    now, then = after.sockets or Sockets(), before.sockets or Sockets()
    places = groups(now)
    queued, queued_then = _sort(now.requests, places), _sort(then.requests, places)
    held = _connections(now.held, frozenset(one.key for one in then.held), places)
    told = all(one.backlog is not None for one in now.listening) and all(
        one.silent is not None for one in now.held
    )
    waited = {one.inode: one.waiting for one in then.listening}
    for group, members in places.items():
        fullest = max(members, key=lambda one: one.waiting / max(one.backlog or 1, 1))
        owner = beside.owners.get(fullest.inode, NOBODY)
        requests, clients = queued.get(group, []), held.get(group, {})
        half_open = sum(one.total for one in requests)
        yield ServiceSigns(
            bound=group[0],
            device=group[1],
            process=owner.name,
            pid=owner.pid,
            cpu_s=_spent(before, after, owner.pid),
            backlog=fullest.backlog,
            waiting=fullest.waiting,
            waited=waited.get(fullest.inode, 0),
            capacity=_capacity(members, after),
            half_open=half_open,
            stale=sum(one.stale for one in requests),
            sources=len(frozenset[bytes]().union(*(one.sources for one in requests))),
            gained=half_open - sum(one.total for one in queued_then.get(group, [])),
            established=sum(client.concurrent for client in clients.values()),
            opened=sum(client.opened for client in clients.values()),
            silent=_silent(clients, told=told),
            remotes=len(clients),
            peers=_largest(clients),
            canary=beside.canaries.get(group),
        )


def _capacity(members: list[Socket], after: Sample) -> int | None:
    stack = after.stack
    backlogs = [one.backlog for one in members if one.backlog is not None]
    if stack is None or len(backlogs) < len(members):
        return None
    kernel = release(after.kernel)
    return sum(syn_queue_capacity(backlog, stack, kernel) for backlog in backlogs)


def _spent(before: Sample, after: Sample, pid: int | None) -> float | None:
    if pid is None or pid not in before.cpu_s or pid not in after.cpu_s:
        return None
    return max(0.0, after.cpu_s[pid] - before.cpu_s[pid])


def _find(local: Endpoint, places: Mapping[_Group, object]) -> _Group | None:
    """Return the listener behind a local endpoint: the most specific one."""
    any_of_family = _ANY4 if local.address.version == 4 else _ANY6
    for address in (local.address, any_of_family, _ANY6):
        for device in (0, *(group[1] for group in places if group[1])):
            group = (Endpoint(address, local.port), device)
            if group in places:
                return group
    return None


def _sort(
    requests: Mapping[Endpoint, Requests], places: Mapping[_Group, object]
) -> dict[_Group, list[Requests]]:
    found: dict[_Group, list[Requests]] = {}
    for local, these in requests.items():
        group = _find(local, places)
        if group is not None:
            found.setdefault(group, []).append(these)
    return found


@dataclass(slots=True)
class _Client:
    concurrent: int = 0
    opened: int = 0
    silent: int = 0


def _connections(
    held: Iterable[Held], known: frozenset[object], places: Mapping[_Group, object]
) -> dict[_Group, dict[bytes, _Client]]:
    """Add connections up by listener and remote address; our own with ourselves are left out."""
    owners: dict[Endpoint, _Group | None] = {}
    found: dict[_Group, dict[bytes, _Client]] = {}
    for one in held:
        if one.local not in owners:
            owners[one.local] = _find(one.local, places)
        group = owners[one.local]
        if group is None or _is_own(one):
            continue
        client = found.setdefault(group, {}).setdefault(one.remote, _Client())
        client.concurrent += 1
        client.opened += one.key not in known
        client.silent += bool(one.silent)
    return found


def _is_own(one: Held) -> bool:
    remote = unpack(one.remote)
    return remote == one.local.address or remote.is_loopback


def _silent(clients: Mapping[bytes, _Client], *, told: bool) -> int | None:
    return sum(client.silent for client in clients.values()) if told else None


def _largest(clients: Mapping[bytes, _Client]) -> tuple[Peer, ...]:
    ranked = sorted(clients, key=lambda one: clients[one].concurrent, reverse=True)[:PEERS]
    return tuple(
        Peer(unpack(one), clients[one].concurrent, clients[one].silent, clients[one].opened)
        for one in ranked
    )


def _links(
    before: Sample, after: Sample, speeds: Mapping[str, int]
) -> tuple[LinkSigns, ...] | None:
    if after.links is None:
        return None
    earlier = {link.name: link for link in before.links or ()}
    return tuple(
        LinkSigns(
            name=link.name,
            received_bytes=max(0, link.received_bytes - then.received_bytes),
            sent_bytes=max(0, link.sent_bytes - then.sent_bytes),
            received_packets=max(0, link.received_packets - then.received_packets),
            receive_drops=max(0, link.receive_drops - then.receive_drops),
            speed_bit_s=speeds.get(link.name, link.speed_bit_s),
            total_packets=link.received_packets,
        )
        for link in after.links
        if (then := earlier.get(link.name)) is not None
    )


def _unmeasured(links: tuple[LinkSigns, ...] | None) -> Iterator[str]:
    """Name the links whose load has nothing to be compared with, as of most virtual ones."""
    names = [link.name for link in links or () if not link.speed_bit_s and link.received_packets]
    if names:
        some = ", ".join(names[:_NAMED]) + (
            f" and {len(names) - _NAMED} more" if names[_NAMED:] else ""
        )
        yield f"how full {some} is: its driver tells no speed, --link NAME=RATE does"


def _lost(before: Sample, after: Sample) -> int:
    if before.conntrack is None or after.conntrack is None:
        return 0
    then, now = before.conntrack, after.conntrack
    return max(0, now.drops - then.drops) + max(0, now.early_drops - then.early_drops)


def _softnet(before: Sample, after: Sample) -> SoftnetSigns | None:
    if before.softnet is None or after.softnet is None:
        return None
    return SoftnetSigns(
        max(0, after.softnet.dropped - before.softnet.dropped),
        max(0, after.softnet.squeezed - before.softnet.squeezed),
    )
