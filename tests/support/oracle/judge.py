"""The whole decision over one frame: read, decide, count."""

from __future__ import annotations

from floodwall.kernel._abi import Flag, Mode, Purse, Reason
from tests.support.oracle.ack import judge_ack
from tests.support.oracle.budgets import spend
from tests.support.oracle.case import Case
from tests.support.oracle.hashes import cells_of
from tests.support.oracle.offer import read_offer
from tests.support.oracle.sources import forgive, mark_seen, note_proof
from tests.support.oracle.syn import judge_syn
from tests.support.oracle.verdict import ACTIONS, Judgement
from tests.support.oracle.windows import end_pending
from tests.support.oracle.wire import (
    ACK,
    FIN,
    RST,
    SYN,
    Network,
    Segment,
    read_network,
    read_segment,
)
from tests.support.oracle.world import TICK_NS, Ban, FourTuple, Service, World

_GROUP_BIT = 0x01  # of the first byte of an Ethernet destination, IEEE 802.3


def judge(
    world: World, frame: bytes, *, kernel_isn: int = 0, stack_cookie: bool = False
) -> Judgement:
    """Return what becomes of the frame, and change the world as the data plane would."""
    judgement = _judge(world, frame, kernel_isn=kernel_isn, stack_cookie=stack_cookie)
    if isinstance(judgement, Reason):
        judgement = Judgement(ACTIONS[judgement], judgement, frame)
    world.reasons[judgement.reason] += 1
    return judgement


def complete_handshake(world: World, four: FourTuple) -> None:
    """Tell the world that the stack finished the handshake from source to destination."""
    source, source_port, local, port = four
    service = _service(world, (local, port))
    if service is not None:
        end_pending(world, service)
        service.tally.completed += 1
    cells = cells_of(source, source_port, world.config.hash_seed)
    forgive(world, cells)
    mark_seen(world, cells)
    note_proof(world, source)


def _judge(
    world: World, frame: bytes, *, kernel_isn: int, stack_cookie: bool
) -> Judgement | Reason:
    network = read_network(frame)
    if isinstance(network, Reason):
        return network
    banned = _banned(world, network.source)
    if banned is not None:
        return banned
    segment = read_segment(frame, network)
    if isinstance(segment, Reason):
        return _unreadable(world, network, segment)
    service = _service(world, (network.destination, segment.destination_port))
    if frame[0] & _GROUP_BIT or service is None:
        return _no_service(world, frame, network, segment)
    case = Case(world, frame, network, segment, service, read_offer(segment.options))
    return _judge_case(case, kernel_isn=kernel_isn, stack_cookie=stack_cookie)


def _judge_case(case: Case, *, kernel_isn: int, stack_cookie: bool) -> Judgement | Reason:
    flags = case.segment.flags
    if not case.world.holds_lease():
        return Reason.PASS_LEASE_OVER
    if flags & SYN and flags & (FIN | RST):
        return _bad_flags(case)
    if flags & (SYN | ACK) == SYN:
        return judge_syn(case, kernel_isn)
    return judge_ack(case, stack_cookie=stack_cookie)


def _banned(world: World, source: bytes) -> Reason | None:
    flags = world.config.flags
    single = world.bans.get(source) if flags & Flag.BANS else None
    if single is not None and _runs_by_ticks(single, world.now_ns):
        ban, reason = single, Reason.DROP_BANNED
    else:
        network = world.ban_nets.lookup(source) if flags & Flag.BAN_NETS else None
        if network is None or not _runs(network, world.now_ns):
            return None
        ban, reason = network, Reason.DROP_BANNED_NET
    if world.protects(source):
        return None
    ban.hits += 1
    ban.last_hit_ns = world.now_ns
    return reason


def _runs(ban: Ban, now_ns: int) -> bool:
    return ban.expires_ns == 0 or now_ns < ban.expires_ns


def _runs_by_ticks(ban: Ban, now_ns: int) -> bool:
    """Bans of single addresses are kept in ticks of 2^26 ns; the last one counts whole."""
    return ban.expires_ns == 0 or now_ns // TICK_NS < -(-ban.expires_ns // TICK_NS)


def _unreadable(world: World, network: Network, reason: Reason) -> Reason:
    if reason is not Reason.DROP_TINY_FRAGMENT:
        return reason
    if network.destination not in world.addresses or not world.holds_lease():
        return Reason.PASS_BAD_TCP
    return Reason.PASS_NEVER_BAN if world.protects(network.source) else reason


def _service(world: World, local: tuple[bytes, int]) -> Service | None:
    number = world.service_keys.get(local)
    return None if number is None else world.services.get(number)


def _no_service(world: World, frame: bytes, network: Network, segment: Segment) -> Reason:
    rate = world.config.closed_port_rate
    limited = (
        segment.flags & (SYN | ACK) == SYN
        and rate
        and not frame[0] & _GROUP_BIT
        and network.destination in world.addresses
        and world.holds_lease()
    )
    if not limited:
        return Reason.PASS_NOT_SERVICE
    if spend(world, Purse.CLOSED_PORT, rate):
        return Reason.PASS_CLOSED_PORT
    return Reason.PASS_NEVER_BAN if world.protects(network.source) else Reason.DROP_CLOSED_PORT


def _bad_flags(case: Case) -> Reason:
    if case.service.limits.mode is Mode.OBSERVE:
        return Reason.PASS_OBSERVED
    return case.unless_protected(Reason.DROP_BAD_FLAGS)
