"""ACK guard: begun by a verdict, held for a minute, written to the data plane."""

from __future__ import annotations

from dataclasses import replace

import pytest

from floodwall.core.ack_guard import HOLD_NS, guard_acks
from floodwall.core.commands import RecordDecision, SetLimits
from floodwall.core.decision import Act
from floodwall.core.model import SECOND_NS
from floodwall.core.settings import ServiceMode, Services, Settings
from floodwall.core.state import State
from floodwall.core.verdict import Kind, Verdict
from tests.support.playbook import START_NS, Playbook, listener, quiet

HOLD_S = HOLD_NS // SECOND_NS


def flooded(at: int | None) -> dict[int | None, Verdict]:
    """Return the verdict of an ACK flood."""
    return {at: Verdict(at, Kind.ACK_FLOOD, 0.9, START_NS)}


def running(mode: ServiceMode = ServiceMode.PROTECT) -> State:
    """Return the state of a machine with one service."""
    book = Playbook(Settings(services=Services(mode=mode))) >> quiet(targets=(listener(),))
    return book.state


@pytest.mark.parametrize("at", [0, None])
def test_an_ack_flood_puts_a_service_under_guard(at: int | None) -> None:
    """Its own, or the machine's, where nobody can tell which service is meant."""
    state, commands = guard_acks(replace(running(), verdicts=flooded(at)), quiet(1))

    assert list(state.guarded) == [0]
    (recorded,) = commands
    assert isinstance(recorded, RecordDecision)
    assert recorded.decision.act is Act.ARM


def test_where_nothing_drops_nothing_is_said_to_be_dropped() -> None:
    """Without a data plane there is no guard."""
    bare = quiet(1, data_plane=False)
    state, commands = guard_acks(replace(running(), verdicts=flooded(0)), bare)

    assert (dict(state.guarded), commands) == ({}, [])


def test_the_guard_is_written_with_the_next_second() -> None:
    """SYNs pass as before: the limits are the same otherwise."""
    book = Playbook() >> quiet(targets=(listener(),))
    (before,) = book.only(SetLimits)
    book.state = replace(book.state, guarded={0: START_NS + HOLD_NS})
    book >> quiet(1, targets=(listener(),))
    (after,) = book.only(SetLimits)

    assert after.limits == replace(before.limits, ack_guard=True)


def test_it_ends_a_minute_after_the_last_sign() -> None:
    """And is told only when it begins and when it ends."""
    state, _ = guard_acks(replace(running(), verdicts=flooded(0)), quiet(0))
    state, again = guard_acks(state, quiet(10))
    state = replace(state, verdicts={})
    state, held = guard_acks(state, quiet(10 + HOLD_S - 1))
    state, ended = guard_acks(state, quiet(10 + HOLD_S))

    assert (again, held, state.guarded) == ([], [], {})
    (recorded,) = ended
    assert isinstance(recorded, RecordDecision)
    assert recorded.decision.act is Act.CALM


def test_who_only_observes_guards_nothing() -> None:
    """Nor does a service that is always armed: it looks up every ACK already."""
    for mode in (ServiceMode.OBSERVE, ServiceMode.ARMED):
        state, commands = guard_acks(replace(running(mode), verdicts=flooded(None)), quiet(1))

        assert (state.guarded, commands) == ({}, [])
