"""The laws of the response, whatever is seen in whatever order.

No unproven and no protected source is banned, nothing flaps, and nothing stays without its undo.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from floodwall.core.commands import Ban, Command
from floodwall.core.model import SECOND_NS, HalfOpen
from floodwall.core.observation import Observation
from floodwall.core.settings import Settings
from floodwall.core.state import State
from floodwall.core.verdict import Kind
from tests.support.court import PORTS, SETTINGS, Court, Moment, entries, moments
from tests.support.drill import respond
from tests.support.playbook import listener, quiet


def begin(first: Settings) -> Court:
    """Begin with three calm services."""
    court = Court(State(first))
    court.live(Moment(1, 1, {}, frozenset(), {}, None, lifted=False, failed=False))
    return court


LAWFUL = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.mark.slow
@LAWFUL
@given(st.sampled_from(SETTINGS), st.lists(moments, max_size=14))
def test_the_laws_hold_and_nothing_is_left(first: Settings, script: list[Moment]) -> None:
    """Then comes a calm: after the longest ban and ten minutes of it, all is as before."""
    court = begin(first)
    for moment in script:
        court.live(moment)
    calm: dict[int | None, Kind] = dict.fromkeys((0, 1, 2, None), Kind.CALM)
    for _ in range(3):
        court.live(Moment(700, 1, {}, frozenset(), calm, None, lifted=False, failed=False))
    assert court.tuned == {}
    assert court.state.response.tuned == {}
    assert court.open == {}
    assert court.state.response.incidents == {}
    assert court.state.armed == {}

    end_s = court.state.settings.bans.longest_s
    court.live(Moment(7 * end_s, 1, {}, frozenset(), calm, None, lifted=False, failed=False))
    assert court.banned == {}
    assert court.state.response.bans == {}
    assert court.state.response.rests == {}


@LAWFUL
@given(
    st.sampled_from(SETTINGS),
    st.lists(st.tuples(entries, st.frozensets(st.integers(0, 2))), min_size=1, max_size=10),
)
def test_no_half_open_entry_alone_gets_a_stranger_banned(
    first: Settings, seconds: list[tuple[list[HalfOpen], frozenset[int]]]
) -> None:
    """Whatever fills the queues from unproven sources, without the waiver nobody is banned."""
    if first.recipes.i_know_sources_can_be_forged:
        return
    court = begin(first)
    for queue, armed in seconds:
        unproven = tuple(replace(entry, proven=False) for entry in queue)
        seen = {"half_open": unproven}
        court.live(Moment(1, 1, seen, armed, None, None, lifted=False, failed=False))
    assert court.banned == {}


@pytest.mark.slow
@LAWFUL
@given(
    st.sampled_from(SETTINGS),
    st.lists(st.tuples(st.integers(-(10**10), 10**10), moments), min_size=1, max_size=8),
)
def test_no_clock_makes_a_ban_stick(first: Settings, script: list[tuple[int, Moment]]) -> None:
    """Jumps of hours and years, both ways: each ban is as long as the settings let it be."""
    state, now_s = State(first), 10**10
    for jump_s, moment in script:
        now_s = max(1, now_s + jump_s)
        seen = replace(
            quiet(targets=tuple(listener(port=port) for port in PORTS)),
            now_ns=now_s * SECOND_NS,
            **moment.seen,
        )
        state, commands = respond(state, seen, None)
        for command in commands:
            if isinstance(command, Ban):
                length_ns = command.until_ns - seen.now_ns
                assert 60 <= length_ns / SECOND_NS <= first.bans.longest_s
    latest_ns = max((ban.until_ns for ban in state.response.bans.values()), default=0)
    end = replace(quiet(), now_ns=max(latest_ns, now_s * SECOND_NS))
    assert respond(state, end, None)[0].response.bans == {}


@pytest.mark.slow
def test_the_laws_are_reached() -> None:
    """The scripts above do ban, lift, tune and open: a law that nothing touches proves nothing."""
    reached: set[str] = set()

    class Witness(Court):
        """Notes what happened."""

        def judge(self, command: Command, seen: Observation) -> None:
            reached.add(type(command).__name__)
            decision = getattr(command, "decision", None)
            if decision is not None:
                reached.update({decision.act.value, decision.rule})
            super().judge(command, seen)

    @settings(LAWFUL, max_examples=40, derandomize=True, database=None)
    @given(st.sampled_from(SETTINGS), st.lists(moments, min_size=6, max_size=12))
    def run(first: Settings, script: list[Moment]) -> None:
        court = Witness(State(first))
        for moment in script:
            court.live(moment)

    run()
    assert {
        "Ban",
        "Lift",
        "CloseConnections",
        "DestroyHalfOpen",
        "SetSysctl",
        "RestoreSysctl",
        "refuse",
        "arming.pulse",
        "close_incident",
        "recipes.half_open",
        "recipes.subnet",
    } <= reached
    assert {"limits.idle", "limits.concurrent", "limits.new_rate"} & reached
