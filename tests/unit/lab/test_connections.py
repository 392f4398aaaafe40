"""Attackers with real addresses."""

import socket
import time

from floodwall.lab.connections import ConnectFlood, ConnectOrder, ConnectReport

SECOND = 1_000_000_000


def attack(listener: socket.socket, *, rate: float = 1000.0, most: int = 500) -> ConnectReport:
    """Attack a listener from two addresses for 0.1 s."""
    order = ConnectOrder(
        sources=("127.0.0.2", "127.0.0.3", "::1"),
        targets=("127.0.0.1",),
        port=listener.getsockname()[1],
        rate_per_s=rate,
        start_ns=0,
        stop_ns=SECOND // 10,
        most=most,
        cpu=0,
    )
    now = time.monotonic_ns()
    return ConnectFlood(order).run(now, now + SECOND // 10)


def heard_of(connection: socket.socket) -> bytes | None:
    """Return what a connection said before it was reset, None of nothing at all."""
    try:
        return connection.recv(1, socket.MSG_DONTWAIT)
    except (ConnectionResetError, BlockingIOError):
        return None


def test_handshakes_are_whole_and_nothing_follows() -> None:
    """From every address in turn; a source without a target of its family does nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=500) as listener:
        report = attack(listener)
        came = [listener.accept() for _ in range(report.opened)]
        said = [heard_of(connection) for connection, _ in came]
        for connection, _ in came:
            connection.close()

    assert 50 <= report.tried <= 101
    assert report.opened == report.held == report.tried
    assert {address[0] for _, address in came} == {"127.0.0.2", "127.0.0.3"}
    assert said == [None] * report.opened
    assert report.first_ns < report.last_ns


def test_it_has_no_more_sockets_than_allowed() -> None:
    """Whatever its rate."""
    with socket.create_server(("127.0.0.1", 0), backlog=500) as listener:
        report = attack(listener, rate=50_000.0, most=20)

    assert (report.tried, report.opened) == (20, 20)


def test_what_is_refused_is_not_open() -> None:
    """And is not held against it."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        closed = listener.dup()
        listener.close()
        port = closed.getsockname()[1]
        closed.close()
    order = ConnectOrder(("127.0.0.2",), ("127.0.0.1",), port, 1000.0, 0, SECOND // 20, 100, 0)
    now = time.monotonic_ns()
    report = ConnectFlood(order).run(now, now + SECOND // 20)

    assert report.tried > 10
    assert (report.opened, report.held) == (0, 0)
