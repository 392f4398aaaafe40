"""The oracle itself does what the specification says, without any kernel."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from floodwall.kernel._abi import Mode, Reason
from tests.support.oracle.cookie import STATES, Terms, decode_state, encode_state
from tests.support.oracle.judge import complete_handshake, judge
from tests.support.oracle.offer import read_offer
from tests.support.oracle.prefixes import Prefixes
from tests.support.oracle.verdict import ACTIONS, Action
from tests.support.oracle.world import Limits, Service, World, packed
from tests.support.packets import TCP, Ethernet, IPv4
from tests.support.tcp_options import encode_options, mss, timestamps, window_scale


def small_world(**limits: Any) -> World:
    """Return a world with one service on 192.0.2.1:80."""
    world = World(services={0: Service(Limits(**limits))})
    world.service_keys[packed("192.0.2.1"), 80] = 0
    world.listeners.add((packed("192.0.2.1"), 80))
    return world


@pytest.mark.parametrize("version", [4, 6])
def test_each_state_of_the_cookie_means_one_thing(version: int) -> None:
    """All 188 numbers decode to different terms, which encode to the same number."""
    terms = [decode_state(state, version) for state in range(STATES)]

    assert len(set(terms)) == STATES == 188
    assert [encode_state(each, version) for each in terms] == list(range(STATES))


@given(size=some.integers(0, 65535), scale=some.none() | some.integers(0, 14), sack=some.booleans())
def test_no_terms_leave_the_states(size: int, scale: int | None, *, sack: bool) -> None:
    """Whatever is negotiated fits, and only the MSS may be rounded, down."""
    state = encode_state(Terms(size, scale, sack, ecn=False, timestamp=None), 4)
    back = decode_state(state, 4)

    assert 0 <= state < STATES
    assert (back.window_scale, back.sack) == (scale, sack)
    assert back.mss <= max(size, 536)


@given(some.binary(max_size=40))
def test_options_are_read_whatever_they_are(raw: bytes) -> None:
    """No list of bytes is beyond reading, and a scale is at most 14."""
    offer = read_offer(raw)

    assert (offer.window_scale or 0) <= 14
    assert offer.mss != 0


def test_options_mean_what_they_say() -> None:
    """The common ones of a SYN."""
    offer = read_offer(encode_options([mss(1400), window_scale(9), timestamps(5, 6)]))

    assert (offer.mss, offer.window_scale, offer.timestamps) == (1400, 9, (5, 6))
    assert not offer.sack


@given(some.binary(min_size=14, max_size=120))
def test_any_bytes_get_one_reason_and_one_verdict(frame: bytes) -> None:
    """The oracle judges every frame and counts it once."""
    world = small_world(mode=Mode.ARMED)
    judgement = judge(world, frame)

    assert world.reasons == Counter({judgement.reason: 1})
    assert judgement.action is ACTIONS[judgement.reason]


def test_verdicts_follow_from_names() -> None:
    """Challenges are sent back, drops dropped, all else passes."""
    assert ACTIONS[Reason.CHALLENGE_FLOOD] is Action.TX
    assert ACTIONS[Reason.DROP_BANNED] is Action.DROP
    assert ACTIONS[Reason.PASS_COOKIE] is Action.PASS


def test_service_arms_and_a_handshake_is_forgiven() -> None:
    """One over the limit arms; completing takes one out of the window."""
    world = small_world(high=1)
    for port in (1000, 1001):
        judge(world, bytes(Ethernet() / IPv4() / TCP(source=port)))
    complete_handshake(world, (packed("198.51.100.7"), 1000, packed("192.0.2.1"), 80))

    assert world.services[0].state.arms == 1
    assert world.services[0].state.pending == 1
    assert world.proven[packed("198.51.100.7")].count == 1


def test_longest_prefix_wins() -> None:
    """A longer prefix hides a shorter one; families do not mix."""
    table: Prefixes[str] = Prefixes()
    table.add("10.0.0.0/8", "wide")
    table.add("10.1.0.0/16", "narrow")
    table.add("::/0", "everything")

    assert table.lookup(packed("10.1.2.3")) == "narrow"
    assert table.lookup(packed("10.2.2.3")) == "wide"
    assert table.lookup(packed("2001:db8::1")) == "everything"
