"""Connections that were there before the attack."""

import socket
import time
from collections.abc import Iterator

import pytest

from floodwall.lab.long_lived import INTERACTIVE_STEP_NS, Session
from floodwall.lab.wait import until

SECOND = 1_000_000_000


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Return a server that answers when the test says so."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def open_session(listener: socket.socket, *, interactive: bool) -> tuple[Session, socket.socket]:
    """Return both ends of a session."""
    port = listener.getsockname()[1]
    session = Session("127.0.0.2", "127.0.0.1", port, interactive=interactive)
    return session, listener.accept()[0]


def test_an_answer_in_time_is_an_exchange(listener: socket.socket) -> None:
    """A key, its echo, no stall."""
    session, server = open_session(listener, interactive=True)
    with server:
        session.tick(time.monotonic_ns())
        server.sendall(server.recv(100))
        until(lambda: _answered(session), 2.0)
        found = session.finish(time.monotonic_ns())

    assert (found.interactive, found.exchanges, found.stalls, found.resets) == (True, 1, 0, 0)


def _answered(session: Session) -> bool:
    session.handle(session._connection)
    return session._exchanges == 1


def test_no_second_key_is_pressed_before_the_first_is_answered(listener: socket.socket) -> None:
    """So that silence is measured from the first."""
    session, server = open_session(listener, interactive=True)
    with server:
        session.tick(1)
        session.tick(1 + INTERACTIVE_STEP_NS)
        once = server.recv(1000)
        found = session.finish(1 + 2 * SECOND)

    assert once.count(b"HEAD") == 1
    assert (found.stalls, found.worst_ns) == (1, 2 * SECOND)


def test_a_transfer_that_stops_is_a_stall(listener: socket.socket) -> None:
    """From the first piece that was not there."""
    session, server = open_session(listener, interactive=False)
    with server:
        assert b"GET /stream" in server.recv(100)
        session.tick(SECOND)
        session.tick(2 * SECOND)
        found = session.finish(3 * SECOND)

    assert (found.stalls, found.worst_ns, found.exchanges) == (1, 2 * SECOND, 0)


def test_a_connection_that_ends_is_a_reset(listener: socket.socket) -> None:
    """It was to stay open, and it is counted once."""
    session, server = open_session(listener, interactive=False)
    server.close()
    until(lambda: _reset(session), 2.0)

    assert session.finish(SECOND).resets == 1


def _reset(session: Session) -> bool:
    session.tick(session.next_ns())
    return session._resets == 1
