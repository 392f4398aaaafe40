"""How a service arms itself: pending handshakes, and pressure of unanswered challenges."""

from __future__ import annotations

from floodwall.kernel._abi import BEAT_MS, BEATS, REPORT_EVERY, SLICES, Mode
from tests.support.oracle.world import Service, World

_BEAT_NS = BEAT_MS * 1_000_000


def is_armed(service: Service, now_ns: int) -> bool:
    """Tell whether SYNs of this service are challenged at `now_ns`."""
    if service.limits.mode is Mode.OBSERVE:
        return False
    return (
        service.limits.mode is Mode.ARMED
        or now_ns < service.limits.forced_until_ns
        or now_ns < service.state.armed_until_ns
    )


def arm(service: Service, now_ns: int) -> None:
    """Keep the service armed by itself for its hold time; note when it was not so before."""
    if service.limits.mode is not Mode.AUTO:
        return
    was_armed = now_ns < service.state.armed_until_ns
    service.state.armed_until_ns = now_ns + service.limits.hold_ns
    if not was_armed:
        service.state.armed_at_ns = now_ns
        service.state.first_challenge_ns = 0
        service.state.arms += 1


def add_pending(world: World, service: Service) -> None:
    """Count a SYN or a request that the stack now holds; too many arm the service."""
    _obey_reset(service)
    place = _turn_slices(world, service)
    service.state.pending += 1
    service.state.slices[place] += 1
    if service.state.pending > service.limits.high:
        arm(service, world.now_ns)


def end_pending(world: World, service: Service) -> None:
    """Take a completed handshake out."""
    place = _turn_slices(world, service)
    if service.state.pending > 0:
        service.state.pending -= 1
        service.state.slices[place] -= 1


def _obey_reset(service: Service) -> None:
    """Forget pending handshakes if Python says that the queue was emptied."""
    if service.limits.reset_seq != service.state.reset_seq:
        service.state.pending = 0
        service.state.slices = [0] * SLICES
        service.state.reset_seq = service.limits.reset_seq


def add_pressure(world: World, service: Service, amount: int) -> None:
    """Count a challenge (+1) or a proof (-1), and report now and then."""
    tally = service.tally
    tally.unreported += amount
    beat = world.now_ns // _BEAT_NS
    if beat == tally.beat and abs(tally.unreported) < REPORT_EVERY:
        return
    _turn_beats(service, beat)
    service.state.beats[beat % BEATS] += tally.unreported
    tally.unreported = 0
    tally.beat = beat
    _judge_pressure(world, service)


def _judge_pressure(world: World, service: Service) -> None:
    window_ns = world.config.slice_ns * SLICES
    expected = sum(service.state.beats) * window_ns // (_BEAT_NS * BEATS)
    armed = world.now_ns < service.state.armed_until_ns
    if expected > service.limits.low and (armed or expected > service.limits.high):
        arm(service, world.now_ns)


def _turn_slices(world: World, service: Service) -> int:
    """Drop the slices that fell out of the window; return the place of the present one."""
    state, number = service.state, world.now_ns // world.config.slice_ns
    for step in range(1, min(number - state.slice, SLICES) + 1):
        place = (state.slice + step) % SLICES
        state.pending -= state.slices[place]
        state.slices[place] = 0
    state.slice = max(state.slice, number)  # a clock that goes back turns nothing
    return number % SLICES


def _turn_beats(service: Service, number: int) -> None:
    state = service.state
    for step in range(1, min(number - state.beat, BEATS) + 1):
        state.beats[(state.beat + step) % BEATS] = 0
    state.beat = max(state.beat, number)
