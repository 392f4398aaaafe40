"""Steps of `decide` that keep the data plane in agreement with the machine."""

from collections.abc import Mapping
from dataclasses import replace
from itertools import chain

from floodwall.core.arming import half_open_lifetime_s, initial_window, marks, window_scale
from floodwall.core.backends import is_tracked
from floodwall.core.commands import (
    ClearService,
    Command,
    EnableSyncookies,
    Limits,
    MachineLimits,
    Record,
    RenewLease,
    RotateKey,
    SetAddresses,
    SetLimits,
    SetMachineLimits,
    SetNeverBan,
    SetServices,
)
from floodwall.core.model import SECOND_NS, Guard, Protected, Service, Target
from floodwall.core.never_ban import never_ban_set
from floodwall.core.observation import Observation
from floodwall.core.services import Identity, ServiceTable, Surroundings, build_table
from floodwall.core.settings import OnDeath, ServiceMode
from floodwall.core.settings_gateway import GatewayPolicy
from floodwall.core.state import Known, Presence, State

GRACE_NS = 10 * SECOND_NS
"""A listener that went away stays protected so long: servers restart, and cookies are out."""

LEASE_NS = {OnDeath.HOLD: 600 * SECOND_NS, OnDeath.OPEN: 5 * SECOND_NS}
"""How long the data plane acts without the daemon."""

SLICES = 8
"""FW_SLICES of bpf/abi.h; a test compares."""

HEADERS_BYTES = {4: 40, 6: 60}
"""IP and TCP headers without options, by IP version."""

SMALLEST_MSS = {4: 536, 6: 1220}
"""RFC 9293 section 3.7.1, by IP version."""

_NAT = {
    True: "there are NAT rules, behind which no request can be handed over: "
    "from now on cookies are the kernel's own",
    False: "there are no NAT rules any more: cookies are our own again",
}

Step = tuple[State, list[Command]]
"""What each step of `decide` returns."""


def learn(state: State, seen: Observation) -> Step:
    """Take over what was sensed; what was not stays as it was known."""
    known = state.known
    nat = known.nat if seen.nat is None else seen.nat
    told: list[Command] = []
    if nat != known.nat and seen.can_hand_over:
        told = [Record(_NAT[nat])]
    return replace(
        state,
        known=Known(
            stack=known.stack if seen.stack is None else seen.stack,
            addresses=known.addresses if seen.addresses is None else seen.addresses,
            translations=known.translations if seen.translations is None else seen.translations,
            nat=nat,
            listeners=_listeners(known.listeners, seen.targets, seen.now_ns),
            protected=_protected(state, seen),
        ),
    ), told


def enable_cookies(state: State, seen: Observation) -> Step:
    """Turn SYN cookies on if they are off: the stack accepts no handover without them."""
    off = seen.stack is not None and seen.stack.tcp_syncookies == 0
    return state, [EnableSyncookies()] if off else []


def rotate_key(state: State, seen: Observation) -> Step:
    """Draw a new cookie key when the present one is old enough."""
    age_s = None if state.rotated_ns is None else (seen.now_ns - state.rotated_ns) / SECOND_NS
    if age_s is not None and age_s < state.settings.cookies.rotate_s:
        return state, []
    scale = window_scale(state.known.stack.largest_receive_buffer_bytes)
    return replace(state, rotated_ns=seen.now_ns), [RotateKey(scale)]


def set_machine_limits(state: State, seen: Observation) -> Step:
    """Keep the limits that hold for the whole machine."""
    limits = _machine_limits(state, seen.mtu)
    if limits == state.machine:
        return state, []
    return replace(state, machine=limits), [SetMachineLimits(limits)]


def set_addresses(state: State, seen: Observation) -> Step:  # noqa: ARG001  every step is alike
    """Keep the list of own addresses."""
    addresses = state.known.addresses
    if addresses == state.addresses:
        return state, []
    return replace(state, addresses=addresses), [SetAddresses(addresses)]


def set_never_ban(state: State, seen: Observation) -> Step:  # noqa: ARG001  every step is alike
    """Keep the never-ban set; it is made anew only when somebody in it is another."""
    policy = state.settings.protect.never_ban
    basis = (frozenset(state.known.protected), policy)
    if state.never_ban is not None and basis == state.never_basis:
        return state, []
    operator = (Protected(network, Guard.OPERATOR) for network in policy)
    networks = never_ban_set([*state.known.protected, *operator])
    commands: list[Command] = [] if networks == state.never_ban else [SetNeverBan(networks)]
    return replace(state, never_ban=networks, never_basis=basis), commands


def set_services(state: State, seen: Observation) -> Step:
    """Keep the service table: limits first, so that no endpoint leads to an unready service."""
    around = Surroundings(
        addresses=state.known.addresses,
        interfaces=seen.interfaces,
        translations=state.known.translations,
        stack=state.known.stack,
        policy=state.settings.services,
        can_hand_over=seen.can_hand_over and not state.known.nat,
        gateway=state.settings.gateway if seen.data_plane else GatewayPolicy(),
    )
    targets = tuple(chain.from_iterable(p.targets for p in state.known.listeners.values()))
    basis = (targets, around)
    known = basis == state.basis
    table = state.table if known else build_table(targets, around, state.table.keys)
    used = set(state.table.keys.values())
    fresh = [service for service in table.services if service.index not in used]
    commands: list[Command] = [ClearService(service.index) for service in fresh]
    limits = _limits(state, table, seen)
    commands += [
        SetLimits(index, wanted)
        for index, wanted in limits.items()
        if state.limits.get(index) != wanted
    ]
    if not known and (table.keys != state.table.keys or state.basis is None):
        commands.append(SetServices(table.keys))
    commands += _tell_changes(state, table)
    by_hand = {
        i: until for i, until in state.by_hand.items() if i in limits and until > seen.now_ns
    }
    return replace(state, basis=basis, table=table, limits=limits, by_hand=by_hand), commands


def renew_lease(state: State, seen: Observation) -> Step:
    """Let the data plane go on for a while, also without us."""
    return state, [RenewLease(seen.now_ns + LEASE_NS[state.settings.daemon.on_death])]


def tell_failures(state: State, seen: Observation) -> Step:
    """Record sensors that begin or cease to fail: silence must not be read as calm."""
    failing = {failure.sensor: failure.why for failure in seen.failures}
    commands: list[Command] = [
        Record(f"cannot see {sensor}: {why}; going on with what was known")
        for sensor, why in failing.items()
        if sensor not in state.failing
    ]
    commands += [Record(f"sees {sensor} again") for sensor in sorted(state.failing - set(failing))]
    return replace(state, failing=frozenset(failing)), commands


def _listeners(
    before: Mapping[Identity, Presence], present: tuple[Target, ...] | None, now_ns: int
) -> dict[Identity, Presence]:
    """Stamp what is present with now; a queue that nobody listens on any more lingers."""
    if present is None:
        return dict(before)
    groups: dict[Identity, list[Target]] = {}
    for target in present:
        groups.setdefault((target.bound, target.device), []).append(target)
    lingering = {
        identity: presence
        for identity, presence in before.items()
        if identity not in groups and now_ns - presence.last_ns < GRACE_NS
    }
    return lingering | {
        identity: Presence(tuple(members), now_ns) for identity, members in groups.items()
    }


def _protected(state: State, seen: Observation) -> dict[Protected, int]:
    """Let SSH peers linger, and everything else go when it is gone."""
    before = state.known.protected
    if seen.protected is None:
        return dict(before)
    linger_ns = int(state.settings.protect.ssh_linger_s * SECOND_NS)
    lingering = {
        entry: last_ns
        for entry, last_ns in before.items()
        if entry.guard is Guard.SSH_PEER and seen.now_ns - last_ns < linger_ns
    }
    return lingering | dict.fromkeys(seen.protected, seen.now_ns)


def _machine_limits(state: State, mtu: int) -> MachineLimits:
    settings, stack = state.settings, state.known.stack
    lifetime_ns = half_open_lifetime_s(stack.tcp_synack_retries) * SECOND_NS
    # A port that is translated, or only observed, is not closed: no budget may cut it off.
    open_ports = state.known.translations or settings.services.mode is ServiceMode.OBSERVE
    return MachineLimits(
        sack=stack.tcp_sack,
        window_scaling=stack.tcp_window_scaling,
        timestamps=stack.tcp_timestamps,
        ecn=stack.tcp_ecn,
        debt_source_max=settings.debt.source_max,
        debt_port_max=settings.debt.port_max,
        debt_prefix_max=settings.debt.prefix_max,
        debt_halving_ns=int(settings.debt.halving_s * SECOND_NS),
        slice_ns=lifetime_ns // SLICES,
        closed_port_rate=0 if open_ports else settings.budgets.closed_port_rate,
        authenticated_rate=settings.budgets.authenticated_rate,
        known_rate=settings.budgets.known_rate,
        rate_source_max=settings.recipes.address_rate,
        rate_port_max=settings.recipes.port_rate,
        mss_ipv4=_mss(state, mtu, 4),
        mss_ipv6=_mss(state, mtu, 6),
        tracked=is_tracked(settings.gateway, state.known.translations),
    )


def _mss(state: State, mtu: int, version: int) -> int:
    cookies = state.settings.cookies
    chosen = cookies.mss_ipv4 if version == 4 else cookies.mss_ipv6
    return chosen or max(mtu - HEADERS_BYTES[version], SMALLEST_MSS[version])


def _limits(state: State, table: ServiceTable, seen: Observation) -> dict[int, Limits]:
    mss = _mss(state, seen.mtu, 4)
    obeyed = {reading.index: reading.reset_seq for reading in seen.readings or ()}
    return {
        service.index: _service_limits(state, service, mss, obeyed.get(service.index, 0))
        for service in table.services
    }


def _service_limits(state: State, service: Service, mss: int, reset_seq: int) -> Limits:
    arming = state.settings.arming
    high, low = marks(service.capacity, arming.high_share, arming.low_share)
    before = state.limits.get(service.index)
    return Limits(
        mode=service.mode,
        mechanism=service.mechanism,
        high=high,
        low=low,
        hold_ns=int(arming.hold_s * SECOND_NS),
        window=min(initial_window(t.receive_buffer_bytes, mss) for t in service.targets),
        forced_until_ns=before.forced_until_ns if before else state.by_hand.get(service.index, 0),
        reset_seq=before.reset_seq if before else reset_seq,
        ack_guard=service.index in state.guarded,
        rate_drop=service.mode is ServiceMode.STRICT and state.settings.recipes.drops,
    )


def _tell_changes(state: State, table: ServiceTable) -> list[Command]:
    before = {service.index: service.name for service in state.table.services}
    now = {service.index: service.name for service in table.services}
    told: list[Command] = [
        Record(f"protects {name}") for index, name in now.items() if before.get(index) != name
    ]
    why = {each.bound: each.reason for each in table.exclusions}
    told += [
        Record(f"no longer protects {gone.name}: {why.get(gone.bound, 'its listener is gone')}")
        for gone in state.table.services
        if gone.index not in now
    ]
    return told
