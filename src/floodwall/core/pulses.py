"""Pulsing floods: a service that is armed for the second time within a minute stays armed.

The kernel arms in microseconds and calms in seconds; a flood of one second in ten would make it do
both for ever.  A challenge is free, so the cure is to keep challenging until a minute was quiet.
"""

from dataclasses import replace

from floodwall.core.arming import is_armed
from floodwall.core.commands import Command, Limits, RecordDecision, SetLimits
from floodwall.core.decision import Act, Decision
from floodwall.core.ladder import conclude
from floodwall.core.model import SECOND_NS, Reading, Service
from floodwall.core.observation import Observation
from floodwall.core.relief import CHALLENGED
from floodwall.core.response import Pulse
from floodwall.core.state import State
from floodwall.core.upkeep import Step

MINUTE_NS = 60 * SECOND_NS
"""A service flaps at most once within it."""

SLACK_NS = 15 * SECOND_NS
"""The limits of a pulsing service are written so seldom, not every second."""


def keep_pulsing_armed(state: State, seen: Observation) -> Step:
    """Keep each service armed that was armed twice within a minute, until a minute was quiet."""
    if seen.readings is None:
        return state, []
    readings = {reading.index: reading for reading in seen.readings}
    limits, pulses = dict(state.limits), dict(state.response.pulses)
    commands: list[Command] = []
    for service in state.table.services:
        if service.mode not in CHALLENGED:
            continue
        index, written = service.index, limits[service.index]
        old = pulses.get(index, Pulse(0))
        # What was written may have been forgotten since: what was promised holds.
        promised = _at_least(written, old.keep_until_ns)
        reading = readings.get(index)
        if not is_armed(service, promised, reading, seen.now_ns):
            continue
        pulse = _next(old, seen.now_ns, fresh=index not in state.armed)
        if index in state.full or _is_needed(reading, seen.now_ns):
            pulse = _prolonged(pulse, seen.now_ns)
        pulses[index] = pulse
        if pulse.keep_until_ns and old.keep_until_ns <= seen.now_ns:
            commands.append(RecordDecision(_told(service, pulse, seen.now_ns)))
        limits[index] = _at_least(written, pulse.keep_until_ns)
        if limits[index] != written:
            commands.append(SetLimits(index, limits[index]))
    response = replace(state.response, pulses=pulses)
    return replace(state, limits=limits, response=response), commands


def _at_least(limits: Limits, until_ns: int) -> Limits:
    return replace(limits, forced_until_ns=max(limits.forced_until_ns, until_ns))


def _next(before: Pulse, now_ns: int, *, fresh: bool) -> Pulse:
    if not fresh:
        return before
    again = before.armed_ns > 0 and now_ns - before.armed_ns < MINUTE_NS
    return Pulse(now_ns, now_ns + MINUTE_NS + SLACK_NS if again else 0)


def _is_needed(reading: Reading | None, now_ns: int) -> bool:
    return reading is not None and now_ns < reading.armed_until_ns


def _prolonged(pulse: Pulse, now_ns: int) -> Pulse:
    if not pulse.keep_until_ns or pulse.keep_until_ns - now_ns >= MINUTE_NS:
        return pulse
    return replace(pulse, keep_until_ns=now_ns + MINUTE_NS + SLACK_NS)


def _told(service: Service, pulse: Pulse, now_ns: int) -> Decision:
    return conclude(
        "arming.pulse",
        Act.ARM,
        now_ns,
        service.name,
        f"{service.name} was armed twice within a minute: it stays armed until a minute was quiet",
        mode=service.mode,
        service=service.index,
        until_ns=pulse.keep_until_ns,
    )
