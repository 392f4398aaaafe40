"""A service is challenged from the SYN that crosses its limit until the pressure is gone."""

from __future__ import annotations

import dataclasses

import pytest

from floodwall.kernel._abi import SLICES, Mode, Reason
from tests.support.bout import Bout
from tests.support.oracle.world import SECOND_NS
from tests.support.packets import TCP, Ethernet, IPv4, IPv6, Packet

pytestmark = pytest.mark.root

HIGH, LOW, HOLD_NS, SLICE_NS = 10, 4, 5 * SECOND_NS, 2 * SECOND_NS
BEAT_NS = SECOND_NS // 2
PER_CHALLENGE = 8  # one in the 2 s of the beats counts as 8 in the 16 s of the slices


def syn(number: int, *, ipv6: bool = False) -> Packet:
    """Return a SYN of its own source."""
    layer = (
        IPv6(f"2001:db8:7::{number + 1:x}") if ipv6 else IPv4(f"10.0.{number >> 8}.{number & 255}")
    )
    return Ethernet() / layer / TCP()


@pytest.fixture
def calm(bout: Bout) -> Bout:
    """Return dealings with a calm service that arms above ten pending handshakes."""
    bout.world.now_ns = 1000 * SECOND_NS
    bout.configure(slice_ns=SLICE_NS)
    bout.limit(high=HIGH, low=LOW, hold_ns=HOLD_NS)
    return bout


def flood(bout: Bout, count: int, first: int = 0) -> list[Reason]:
    """Send SYNs of as many sources."""
    return [bout.reason(syn(first + number)) for number in range(count)]


@pytest.mark.parametrize("ipv6", [False, True])
def test_arms_exactly_above_high(calm: Bout, *, ipv6: bool) -> None:
    """The eleventh SYN still passes and arms; the twelfth is challenged."""
    found = [calm.reason(syn(number, ipv6=ipv6)) for number in range(HIGH + 2)]
    state, now = calm.web.state, calm.world.now_ns

    assert found == [Reason.PASS_CALM_SYN] * (HIGH + 1) + [Reason.CHALLENGE_FLOOD]
    assert (state.arms, state.pending) == (1, HIGH + 1)
    assert (state.armed_at_ns, state.armed_until_ns) == (now, now + HOLD_NS)
    assert state.first_challenge_ns == now


def test_stays_calm_at_high(calm: Bout) -> None:
    """Ten pending are allowed for ever."""
    flood(calm, HIGH)

    assert calm.web.state.arms == 0


def test_is_calm_again_after_hold(calm: Bout) -> None:
    """Without pressure the armed time ends to the nanosecond."""
    flood(calm, HIGH + 1)
    calm.limit(low=1000, high=1000)
    calm.pass_time(HOLD_NS - 1)
    last = calm.reason(syn(100))
    calm.pass_time(1)

    assert last is Reason.CHALLENGE_FLOOD
    assert calm.reason(syn(101)) is Reason.PASS_CALM_SYN


def test_pressure_keeps_it_armed(calm: Bout) -> None:
    """Unanswered challenges above `low` renew the hold, however few SYNs pass."""
    flood(calm, HIGH + 1)
    for number in range(20):
        calm.pass_time(SECOND_NS)
        assert calm.reason(syn(200 + number)) is Reason.CHALLENGE_FLOOD

    assert calm.web.state.arms == 1


def test_proofs_take_pressure_off(calm: Bout) -> None:
    """Challenges that are answered do not keep a service armed."""
    flood(calm, HIGH + 1)
    until = calm.web.state.armed_until_ns
    calm.limit(high=1000, low=PER_CHALLENGE)
    for number in range(8):
        calm.pass_time(BEAT_NS)
        ack = calm.answer(syn(300 + number))
        assert calm.reason(ack) is Reason.PASS_COOKIE

    assert calm.web.state.armed_until_ns == until
    assert calm.web.tally.proven == 8


def test_pressure_is_reported_each_64_challenges_of_a_beat(calm: Bout) -> None:
    """Within a beat a CPU keeps up to 63 to itself."""
    flood(calm, HIGH + 1)
    flood(calm, 1, first=500)  # reported: a new beat
    flood(calm, 63, first=600)
    kept, reported = calm.web.tally.unreported, sum(calm.web.state.beats)
    flood(calm, 1, first=700)

    assert (kept, reported) == (63, 1)
    assert (calm.web.tally.unreported, sum(calm.web.state.beats)) == (0, 65)


def test_challenges_of_debtors_arm_only_above_high(calm: Bout) -> None:
    """A few debtors are challenged in a calm service; more than `high` of them arm it."""
    calm.configure(debt_prefix_max=1)
    calm.reason(syn(0))
    found = []
    for number in range(1, 4):
        calm.pass_time(BEAT_NS)
        found.append((calm.reason(syn(number)), calm.web.state.arms))

    assert found == [
        (Reason.CHALLENGE_PREFIX, 0),  # 8 expected in the window: above low, not above high
        (Reason.CHALLENGE_PREFIX, 1),  # 16
        (Reason.CHALLENGE_FLOOD, 1),
    ]


@pytest.mark.parametrize("slices", [0, 1, 7, 8, 9, 1000])
def test_window_forgets_what_fell_out(calm: Bout, slices: int) -> None:
    """A pending handshake counts for eight slices and then no more."""
    flood(calm, HIGH)
    calm.pass_time(slices * SLICE_NS)
    flood(calm, 1, first=50)
    kept = slices < SLICES

    assert calm.web.state.pending == (HIGH + 1 if kept else 1)
    assert calm.web.state.arms == kept


def test_window_moves_slice_by_slice(calm: Bout) -> None:
    """Each slice takes out its own share."""
    for number in range(SLICES):
        flood(calm, number + 1, first=100 * number)
        calm.limit(high=1000)
        calm.pass_time(SLICE_NS)
    pending = []
    for _ in range(SLICES):
        flood(calm, 1, first=900)
        pending.append(calm.web.state.pending)
        calm.pass_time(SLICE_NS)

    assert pending == [36 - sum(range(number + 2)) + number + 1 for number in range(SLICES)]


def test_reset_forgets_pending(calm: Bout) -> None:
    """When Python has emptied the queue the kernel starts to count again."""
    flood(calm, HIGH)
    calm.limit(reset_seq=7)
    flood(calm, 1, first=50)

    assert (calm.web.state.pending, calm.web.state.reset_seq) == (1, 7)


def test_forced_service_is_armed_until_then(calm: Bout) -> None:
    """Python can arm for a time, whatever the counts say."""
    calm.limit(forced_until_ns=calm.world.now_ns + SECOND_NS, high=1000, low=1000)
    first = calm.reason(syn(0))
    calm.pass_time(SECOND_NS)

    assert first is Reason.CHALLENGE_FLOOD
    assert calm.reason(syn(1)) is Reason.PASS_CALM_SYN


def test_observed_service_only_counts(calm: Bout) -> None:
    """Observe mode challenges and drops nothing, whatever comes."""
    calm.limit(mode=Mode.OBSERVE, forced_until_ns=1 << 62, ack_guard=True, high=0)
    calm.web.state.armed_until_ns = 1 << 62
    calm.sync()
    flags = ("S", "S", "SF", "SR", "A", "RA", "")
    found = {calm.reason(Ethernet() / IPv4() / TCP(flags=some)) for some in flags}

    assert found == {Reason.PASS_OBSERVED}
    assert dataclasses.asdict(calm.web.tally) == {
        **dataclasses.asdict(type(calm.web.tally)()),
        "syns": 2,
        "passed": 2,
    }


@pytest.mark.parametrize("mode", [Mode.OBSERVE, Mode.AUTO, Mode.ARMED])
def test_nothing_happens_without_lease(calm: Bout, mode: Mode) -> None:
    """From the nanosecond at which the lease is over, all traffic passes."""
    calm.limit(mode=mode, ack_guard=True)
    calm.world.lease_until_ns = calm.world.now_ns + 1
    calm.sync()
    before = calm.reason(syn(0))
    calm.pass_time(1)
    after = {calm.reason(Ethernet() / IPv4() / TCP(flags=flags)) for flags in ("S", "A", "SF")}

    assert before is not Reason.PASS_LEASE_OVER
    assert after == {Reason.PASS_LEASE_OVER}


def test_clock_that_goes_back_turns_nothing(calm: Bout) -> None:
    """Slices and beats are never emptied by an older time."""
    flood(calm, 3)
    calm.world.now_ns -= 3 * SLICE_NS
    calm.sync()
    flood(calm, 1, first=9)

    assert calm.web.state.pending == 4
