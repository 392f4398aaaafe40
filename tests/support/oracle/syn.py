"""What becomes of a SYN."""

from __future__ import annotations

from floodwall.kernel._abi import COOKIE_LIFE_S, Mechanism, Mode, Purse, Reason
from tests.support.oracle.budgets import spend
from tests.support.oracle.case import Case
from tests.support.oracle.cookie import make_cookie, negotiate
from tests.support.oracle.rates import above_rates
from tests.support.oracle.reply import cookie_options, mss_option, syn_ack
from tests.support.oracle.sources import add_debt, mark_seen, overdrawn, was_seen
from tests.support.oracle.verdict import Action, Judgement
from tests.support.oracle.windows import add_pending, add_pressure
from tests.support.oracle.world import SECOND_NS, SocketKind

_MAPPED = bytes(10) + b"\xff\xff"
_LIFE_NS = COOKIE_LIFE_S * SECOND_NS


def judge_syn(case: Case, kernel_isn: int) -> Judgement:
    """Return the verdict on a SYN; `kernel_isn` is what the kernel's own cookie came to."""
    service = case.service
    service.tally.syns += 1
    if service.limits.mode is Mode.OBSERVE:
        return _pass(case, Reason.PASS_OBSERVED)
    if _cannot_be_client(case):
        return _say(case, case.unless_protected(Reason.DROP_BAD_SOURCE))
    drops = service.limits.rate_drop
    over = (drops or not case.armed) and above_rates(case.world, *case.rate_tags)
    if over and drops:
        return _say(case, case.unless_protected(Reason.DROP_RATE))
    if case.armed and _is_known(case):
        return _pass(case, Reason.PASS_KNOWN_SYN)
    return _judge_fresh(case, kernel_isn, over=over)


def _judge_fresh(case: Case, kernel_isn: int, *, over: bool) -> Judgement:
    """Return the verdict on a SYN that may be answered: challenge or pass."""
    reason = Reason.CHALLENGE_RATE if over else overdrawn(case.world, case.cells)
    if case.armed:
        reason = Reason.CHALLENGE_FLOOD
    if reason is not None:
        return _challenge(case, reason, kernel_isn)
    add_debt(case.world, case.cells)
    mark_seen(case.world, case.cells)
    add_pending(case.world, case.service)
    return _pass(case, Reason.PASS_CALM_SYN)


def _cannot_be_client(case: Case) -> bool:
    source = case.network.source
    if case.segment.source_port == 0 or source == case.network.destination:
        return True
    if source[:12] == _MAPPED:
        return source[12] in {0, 127} or source[12] >= 224
    return source[0] == 0xFF or source in {bytes(16), bytes(15) + b"\x01"}


def _is_known(case: Case) -> bool:
    """Tell whether the SYN belongs to a socket that exists, and there is budget for it."""
    if not was_seen(case.world, case.cells):
        return False
    kind = case.find_socket()
    if kind is SocketKind.OTHER:
        return spend(case.world, Purse.KNOWN, case.world.config.known_rate)
    return kind is SocketKind.TIME_WAIT


def _challenge(case: Case, reason: Reason, kernel_isn: int) -> Judgement:
    if case.offer.authenticated:
        if not spend(case.world, Purse.AUTHENTICATED, case.world.config.authenticated_rate):
            return _say(case, case.unless_protected(Reason.DROP_AUTHENTICATED_SYN))
        add_pending(case.world, case.service)
        return _pass(case, Reason.PASS_AUTHENTICATED_SYN)
    stack = case.service.limits.mechanism is Mechanism.STACK
    reply = _kernel_reply(case, kernel_isn) if stack else _own_reply(case)
    if reply is None:
        return _pass(case, Reason.PASS_UNANSWERABLE)
    _note_challenge(case)
    return Judgement(Action.TX, reason, reply, kernel_cookie=stack)


def _own_reply(case: Case) -> bytes | None:
    world, network, segment = case.world, case.network, case.segment
    current = world.config.key_current
    key = world.keys[current] if current < len(world.keys) else None
    if key is None or not key.valid:
        return None
    terms = negotiate(world.config, case.offer, segment.flags, network.version)
    isn, tsval = make_cookie(key, network, segment, terms)
    scale, version = key.window_scale, network.version
    options = cookie_options(world.config, terms, scale, tsval, version)
    window = case.service.limits.window
    return syn_ack(case.frame, network, segment, isn, options, window=window, ecn=terms.ecn)


def _kernel_reply(case: Case, isn: int) -> bytes | None:
    listener = (case.network.destination, case.segment.destination_port)
    if case.find_socket() is not SocketKind.LISTEN or listener in case.world.full_listeners:
        return None  # bpf_tcp_gen_syncookie() makes none when the accept queue is full
    network, segment, window = case.network, case.segment, case.service.limits.window
    options = mss_option(case.world.config, network.version)
    return syn_ack(case.frame, network, segment, isn, options, window=window, ecn=False)


def _note_challenge(case: Case) -> None:
    state, now = case.service.state, case.world.now_ns
    case.service.tally.challenged += 1
    if now + _LIFE_NS - state.check_until_ns >= SECOND_NS:
        state.check_until_ns = now + _LIFE_NS
    if state.first_challenge_ns == 0 and case.armed:
        state.first_challenge_ns = now
    add_pressure(case.world, case.service, 1)


def _pass(case: Case, reason: Reason) -> Judgement:
    case.service.tally.passed += 1
    return _say(case, reason)


def _say(case: Case, reason: Reason) -> Judgement:
    action = Action.DROP if reason.name.startswith("DROP") else Action.PASS
    return Judgement(action, reason, case.frame)
