"""What becomes of a segment of a service that is no SYN."""

from __future__ import annotations

import struct

from floodwall.kernel._abi import (
    FOLLOW_BYTES,
    FOLLOW_MS,
    HANDOVER_MAGIC,
    Mechanism,
    Mode,
    Reason,
)
from tests.support.oracle.case import Case
from tests.support.oracle.cookie import Accepted, check_cookie, options_of
from tests.support.oracle.hashes import follow_cell, tuple_hash
from tests.support.oracle.sources import note_proof
from tests.support.oracle.verdict import ACTIONS, Judgement
from tests.support.oracle.windows import add_pending, add_pressure
from tests.support.oracle.wire import ACK, RST, SYN
from tests.support.oracle.world import Follow, SocketKind

_FOLLOW_NS = FOLLOW_MS * 1_000_000
_WORD = 0xFFFFFFFF


def judge_ack(case: Case, *, stack_cookie: bool) -> Judgement:
    """Return the verdict; `stack_cookie` tells whether the kernel made a cookie that this is."""
    metadata = b""
    reason = _without_cookie(case)
    if reason is None:
        accepted = _own_cookie(case)
        if accepted is not None:
            decoded = _handover(case, accepted)
            metadata = b"" if case.world.no_metadata else decoded
            _remember(case, decoded if case.world.no_metadata else b"")
            reason = Reason.PASS_COOKIE
        elif stack_cookie:
            reason = Reason.PASS_STACK_COOKIE
        else:
            reason = _refuse(case)
    if reason in {Reason.PASS_COOKIE, Reason.PASS_STACK_COOKIE}:
        _note_proof(case)
    return Judgement(ACTIONS[reason], reason, case.frame, metadata)


def _without_cookie(case: Case) -> Reason | None:
    """Return the verdict if no cookie needs to be looked at."""
    state, limits = case.service.state, case.service.limits
    if limits.mode is Mode.OBSERVE:
        return Reason.PASS_OBSERVED
    expects = case.armed or case.world.now_ns < state.check_until_ns or limits.ack_guard
    if not expects:
        return Reason.PASS_CALM_ACK
    kind = case.find_socket()
    if kind is SocketKind.NONE:
        return Reason.PASS_NO_LISTENER
    if kind is not SocketKind.LISTEN:
        return Reason.PASS_ESTABLISHED
    if _can_be_ours(case) and _follows(case):
        listener = (case.network.destination, case.segment.destination_port)
        full = listener in case.world.full_listeners
        return Reason.DROP_NO_ROOM if full else Reason.PASS_FOLLOWER
    return None


def _can_be_ours(case: Case) -> bool:
    ours = case.service.limits.mechanism is Mechanism.HANDOVER
    return ours and case.segment.flags & (SYN | RST | ACK) == ACK


def _follows(case: Case) -> bool:
    hashed = tuple_hash(case.four, case.world.config.hash_seed)
    noted = case.world.follows.get(follow_cell(hashed))
    return (
        noted is not None
        and noted.tuple == hashed
        and noted.acknowledgement == case.segment.acknowledgement
        and case.world.now_ns - noted.at_ns < _FOLLOW_NS
        and case.segment.sequence - noted.sequence & _WORD <= FOLLOW_BYTES
    )


def _own_cookie(case: Case) -> Accepted | None:
    if not _can_be_ours(case):
        return None
    return check_cookie(case.world.keys, case.network, case.segment, case.offer)


def _remember(case: Case, left: bytes) -> None:
    hashed = tuple_hash(case.four, case.world.config.hash_seed)
    segment, now = case.segment, case.world.now_ns
    follow = Follow(hashed, now, segment.sequence, segment.acknowledgement, left)
    case.world.follows[follow_cell(hashed)] = follow


def _note_proof(case: Case) -> None:
    case.service.tally.proven += 1
    add_pressure(case.world, case.service, -1)
    add_pending(case.world, case.service)
    note_proof(case.world, case.network.source)


def _refuse(case: Case) -> Reason:
    if not case.armed and not case.service.limits.ack_guard:
        return Reason.PASS_CALM_ACK
    reason = case.unless_protected(Reason.DROP_BAD_ACK)
    case.service.tally.bad_acks += reason is Reason.DROP_BAD_ACK
    return reason


def _handover(case: Case, accepted: Accepted) -> bytes:
    terms = accepted.terms
    tsval, tsecr = (case.offer.timestamps or (0, 0)) if terms.timestamp is not None else (0, 0)
    return struct.pack(
        "<IIIHBBB3x",
        HANDOVER_MAGIC,
        tsval,
        tsecr,
        terms.mss,
        accepted.key.window_scale,
        terms.window_scale or 0,
        options_of(terms),
    )
