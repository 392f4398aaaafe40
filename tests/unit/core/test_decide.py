"""The whole decision, whatever it sees."""

from ipaddress import ip_address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from floodwall.core.commands import (
    ClearService,
    DestroyHalfOpen,
    RenewLease,
    SetLimits,
    SetNeverBan,
    SetServices,
)
from floodwall.core.decide import decide
from floodwall.core.model import Endpoint, Guard, HalfOpen, Protected, Reading
from floodwall.core.networks import NetworkSet, as_network
from floodwall.core.observation import Observation
from floodwall.core.settings import Settings
from floodwall.core.state import State
from tests.support.playbook import HOME, START_NS, Playbook, listener, quiet

SOURCES = [ip_address(f"203.0.113.{n}") for n in range(8)]

sources = st.sampled_from(SOURCES)
entries = st.builds(
    lambda port, source, retransmits, proven: HalfOpen(
        Endpoint(HOME, port), Endpoint(source, 40000), retransmits, proven
    ),
    st.integers(80, 82),
    sources,
    st.integers(0, 5),
    st.booleans(),
)
readings = st.builds(
    Reading,
    index=st.integers(0, 3),
    pending=st.integers(-5, 500),
    armed_until_ns=st.integers(0, START_NS * 2),
    reset_seq=st.integers(0, 3),
)


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A sensor that may fail."""
    return st.none() | strategy


observations = st.builds(
    quiet,
    st.floats(0, 1000, allow_nan=False),
    targets=maybe(
        st.lists(
            st.builds(
                lambda port, size: listener(port=port, backlog=size),
                st.integers(80, 82),
                st.integers(0, 200),
            ),
            max_size=4,
        ).map(tuple)
    ),
    half_open=maybe(st.lists(entries, max_size=150).map(tuple)),
    readings=maybe(st.lists(readings, max_size=4).map(tuple)),
    protected=maybe(
        st.frozensets(
            st.builds(lambda a, g: Protected(as_network(a), g), sources, st.sampled_from(Guard))
        )
    ),
)


def script(seconds: list[Observation]) -> list[Observation]:
    """Put observations in the order of their time."""
    return sorted(seconds, key=lambda seen: seen.now_ns)


@given(st.lists(observations, min_size=1, max_size=8).map(script))
def test_no_proven_or_protected_source_loses_its_entry(seconds: list[Observation]) -> None:
    """Whatever is seen, in whatever order."""
    book = Playbook()
    never_ban = NetworkSet()
    for seen in seconds:
        book >> seen
        for command in book.commands:
            if isinstance(command, SetNeverBan):
                never_ban = NetworkSet(command.networks)
            if isinstance(command, DestroyHalfOpen):
                assert not any(entry.proven for entry in command.entries)
                assert not any(entry.remote.address in never_ban for entry in command.entries)


@given(st.lists(observations, min_size=1, max_size=8).map(script))
def test_no_endpoint_leads_to_an_unready_service(seconds: list[Observation]) -> None:
    """Limits are written before the keys that lead to them, and sane."""
    book = Playbook()
    ready: set[int] = set()
    for seen in seconds:
        book >> seen
        for command in book.commands:
            if isinstance(command, ClearService):
                ready.discard(command.index)
            if isinstance(command, SetLimits):
                ready.add(command.index)
                assert 1 <= command.limits.low <= command.limits.high
            if isinstance(command, SetServices):
                assert set(command.keys.values()) <= ready


@pytest.mark.slow
@given(st.lists(observations, min_size=1, max_size=8).map(script))
def test_the_lease_is_renewed_last_in_every_second(seconds: list[Observation]) -> None:
    """What the lease allows is in force before it."""
    book = Playbook()
    for seen in seconds:
        assert isinstance((book >> seen).commands[-1], RenewLease)


def test_the_same_second_decides_the_same() -> None:
    """Nothing but state and observation enters a decision."""
    seen = quiet(targets=(listener(),))

    assert decide(State(Settings()), seen) == decide(State(Settings()), seen)
