"""Who is logged in."""

from __future__ import annotations

from floodwall.console.web.sessions import (
    ADDRESSES_MAX,
    LASTS_S,
    SESSIONS_MAX,
    TRIES_BURST,
    Sessions,
    Tries,
)
from floodwall.console.web.tokens import Level, make_token

S = 10**9
ANNA = make_token("anna", Level.OPERATE, "2026-11-21")[0]
EVE = make_token("eve", Level.VIEW, "2026-11-21")[0]


def test_a_session_ends_by_time_by_word_and_with_its_token() -> None:
    """None of them can be had back."""
    sessions = Sessions()
    first, second, third = (sessions.open(ANNA, 0) for _ in range(3))

    assert sessions.find(first, 1) is not None
    assert sessions.find(first, LASTS_S * S) is None
    sessions.close(second)
    assert sessions.find(second, 1) is None
    sessions.keep((EVE,))
    assert sessions.find(third, 1) is None
    assert len(sessions) == 0


def test_a_role_that_changed_ends_the_session() -> None:
    """A new log-in has the new role."""
    sessions = Sessions()
    cookie = sessions.open(ANNA, 0)
    sessions.keep((type(ANNA)("anna", Level.VIEW, ANNA.sha256, ANNA.made),))
    assert sessions.find(cookie, 1) is None


def test_sessions_are_bounded() -> None:
    """The one that was quiet for the longest time makes room."""
    sessions = Sessions()
    first, second = sessions.open(ANNA, 0), sessions.open(EVE, 0)
    sessions.find(first, 1)
    for _ in range(SESSIONS_MAX - 1):
        sessions.open(EVE, 0)

    assert len(sessions) == SESSIONS_MAX
    assert sessions.find(second, 1) is None
    assert sessions.find(first, 1) is not None


def test_failures_are_bounded_by_address() -> None:
    """Time alone lets it try again; another address is not held up."""
    tries = Tries(0)
    for _ in range(int(TRIES_BURST)):
        assert tries.wait_ns("192.0.2.1", 0) == 0
        tries.failed("192.0.2.1", 0)

    wait_ns = tries.wait_ns("192.0.2.1", 0)
    assert 0 < wait_ns <= 3 * S
    assert tries.wait_ns("192.0.2.2", 0) == 0
    assert tries.wait_ns("192.0.2.1", wait_ns) == 0


def test_many_addresses_are_bounded_together() -> None:
    """And take no memory for ever."""
    tries = Tries(0)
    for number in range(2 * ADDRESSES_MAX):
        tries.failed(f"a{number}", 0)

    assert tries.wait_ns("fresh", 0) > 0
    assert len(tries._by_address) <= ADDRESSES_MAX
