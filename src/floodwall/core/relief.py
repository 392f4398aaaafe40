"""Steps of `decide` for queues that are full already: arm, empty them, forget what they held.

The kernel arms by the SYNs that it saw pass.  A flood that began before Floodwall, or that comes
by an interface of another, leaves entries that it never saw; they live for a minute.
"""

from collections.abc import Mapping
from dataclasses import replace

from floodwall.core.arming import is_armed
from floodwall.core.commands import Command, DestroyHalfOpen, Limits, RecordDecision, SetLimits
from floodwall.core.decision import Act, Decision
from floodwall.core.duration import format_duration
from floodwall.core.ladder import conclude
from floodwall.core.model import SECOND_NS, Endpoint, HalfOpen, Reading, Service
from floodwall.core.networks import NetworkSet
from floodwall.core.observation import Observation
from floodwall.core.settings import ServiceMode
from floodwall.core.state import State
from floodwall.core.upkeep import Step
from floodwall.core.verdict import Evidence

DESTROY_MAX = 16384
"""Half-open entries destroyed in one second, so that one tick stays short."""

CHALLENGED = (ServiceMode.PROTECT, ServiceMode.STRICT)
"""Modes in which a service is challenged when it must be."""

RESET_SEQUENCES = 2**32
"""fw_limits.reset_seq is 32 bits wide."""


def relieve_queues(state: State, seen: Observation) -> Step:
    """Arm services whose queue is full of half-open entries, and destroy the worthless ones."""
    if seen.half_open is None:
        return replace(state, full=frozenset()), []
    queues = _by_service(state, seen.half_open)
    waiting = _waiting(state, seen.requests)
    readings = {reading.index: reading for reading in seen.readings or ()}
    # Thousands of networks take their time, and without entries nobody is to be spared.
    never_ban = NetworkSet((state.never_ban or ()) if queues else ())
    limits = dict(state.limits)
    full: set[int] = set()
    commands: list[Command] = []
    for service in state.table.services:
        before, reading = limits[service.index], readings.get(service.index)
        queue = queues.get(service.index, [])
        length = max(len(queue), waiting.get(service.index, 0))
        after = before
        if service.mode in CHALLENGED and length >= before.high:
            full.add(service.index)
            after = _forced(before, seen.now_ns)
        doomed: tuple[HalfOpen, ...] = ()
        if is_armed(service, after, reading, seen.now_ns):
            doomed = _worthless(state, queue, never_ban)[:DESTROY_MAX]
            if doomed:
                commands.append(DestroyHalfOpen(service.name, doomed))
        after = _reset(after, reading, length - len(doomed))
        if after != before:
            limits[service.index] = after
            commands.append(SetLimits(service.index, after))
    return replace(state, limits=limits, full=frozenset(full)), commands


def tell_arming(state: State, seen: Observation) -> Step:
    """Record which services were armed and which are calm again."""
    if seen.readings is None:
        return state, []
    readings = {reading.index: reading for reading in seen.readings}
    armed: dict[int, int] = {}
    commands: list[Command] = []
    for service in state.table.services:
        reading = readings.get(service.index)
        limits = state.limits[service.index]
        since_ns = state.armed.get(service.index)
        if is_armed(service, limits, reading, seen.now_ns):
            armed[service.index] = since_ns or seen.now_ns
            if since_ns is None:
                decision = _armed(service, limits, reading, seen)
                commands.append(RecordDecision(decision))
        elif since_ns is not None:
            commands.append(RecordDecision(_calmed(service, since_ns, seen.now_ns)))
    return replace(state, armed=armed), commands


def _waiting(state: State, requests: Mapping[Endpoint, int]) -> Mapping[int, int]:
    """Count all half-open entries by service, also those that were too many to look at."""
    lengths: dict[int, int] = {}
    for local, count in requests.items():
        index = state.table.keys.get(local)
        if index is not None:
            lengths[index] = lengths.get(index, 0) + count
    return lengths


def _by_service(state: State, half_open: tuple[HalfOpen, ...]) -> Mapping[int, list[HalfOpen]]:
    queues: dict[int, list[HalfOpen]] = {}
    for entry in half_open:
        index = state.table.keys.get(entry.local)
        if index is not None:
            queues.setdefault(index, []).append(entry)
    return queues


def _forced(limits: Limits, now_ns: int) -> Limits:
    until_ns = max(limits.forced_until_ns, now_ns + limits.hold_ns)
    return replace(limits, forced_until_ns=until_ns)


def _worthless(state: State, queue: list[HalfOpen], never_ban: NetworkSet) -> tuple[HalfOpen, ...]:
    policy = state.settings.half_open
    if not policy.destroy:
        return ()
    return tuple(
        entry
        for entry in queue
        if entry.retransmits >= policy.after_retransmits
        and not entry.proven
        and entry.remote.address not in never_ban
    )


def _reset(limits: Limits, reading: Reading | None, remaining: int) -> Limits:
    """Make the kernel forget pending handshakes that are not in the queue any more."""
    if reading is None or reading.reset_seq != limits.reset_seq:
        return limits
    if not reading.pending > limits.low > remaining:
        return limits
    return replace(limits, reset_seq=(limits.reset_seq + 1) % RESET_SEQUENCES)


def _armed(
    service: Service, limits: Limits, reading: Reading | None, seen: Observation
) -> Decision:
    pending = reading.pending if reading else 0
    what = "SYNs are challenged" if seen.data_plane else "its queue is kept free"
    if service.mode is ServiceMode.ARMED and seen.data_plane:
        text = f"{service.name} is always challenged, as the settings say"
    else:
        text = (
            f"{service.name} is armed: {what} ({pending} handshakes pending, "
            f"queue takes {service.capacity}, arms above {limits.high})"
        )
    return conclude(
        "arming",
        Act.ARM,
        seen.now_ns,
        service.name,
        text,
        mode=service.mode,
        service=service.index,
        evidence=(Evidence("pending_handshakes", pending, limits.high, text),),
    )


def _calmed(service: Service, since_ns: int, now_ns: int) -> Decision:
    length = format_duration((now_ns - since_ns) / SECOND_NS)
    text = f"{service.name} is calm again after {length}"
    return conclude("arming", Act.CALM, now_ns, service.name, text, service=service.index)
