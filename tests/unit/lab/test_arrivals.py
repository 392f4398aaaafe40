"""New clients, against small servers of this test."""

import selectors
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from floodwall.lab.arrivals import Arrivals
from floodwall.lab.load import Attempt, ClientOrder, Outcome

PAGE = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 1024


def order(port: int, number: int = 3) -> ClientOrder:
    """Return an order that lets so many clients come within a tenth of a second."""
    now = time.monotonic_ns()
    return ClientOrder(
        ("127.0.0.2", "127.0.0.3"), ("127.0.0.1",), port, number * 10.0, now, now + 100_000_000,
        0, timestamps=True, cpu=0,
    )  # fmt: skip


def run(wanted: ClientOrder) -> list[Attempt]:
    """Let them all come and go."""
    with selectors.DefaultSelector() as selector:
        arrivals = Arrivals(wanted, selector)
        while not arrivals.finished:
            arrivals.tick(time.monotonic_ns())
            for key, _ in selector.select(0.01):
                key.data.handle(key.fileobj)
    return arrivals.attempts


@contextmanager
def server(
    answer: Callable[[socket.socket], None],
) -> Iterator[tuple[int, list[str]]]:
    """Serve every client by `answer`; give the port and the addresses that came."""
    seen: list[str] = []
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, address = listener.accept()
                except OSError:
                    return
                seen.append(address[0])
                with connection:
                    answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        yield listener.getsockname()[1], seen
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def page(connection: socket.socket) -> None:
    """Answer as nginx would."""
    connection.recv(1000)
    connection.sendall(PAGE)


def test_everyone_who_gets_the_page_is_served() -> None:
    """From every address in turn, with what was negotiated."""
    with server(page) as (port, seen):
        found = run(order(port))

    assert [one.outcome for one in found] == [Outcome.SERVED] * 3
    assert sorted(seen) == ["127.0.0.2", "127.0.0.2", "127.0.0.3"]
    assert all(one.window_scale and one.sack and one.timestamps for one in found)
    assert all(0 < (one.connect_ns or 0) <= (one.served_ns or 0) for one in found)


@pytest.mark.parametrize("wrong", [PAGE[:500], PAGE.replace(b"200", b"503")])
def test_half_a_page_is_no_page(wrong: bytes) -> None:
    """Nor is an error page."""

    def answer(connection: socket.socket) -> None:
        connection.recv(1000)
        connection.sendall(wrong)

    with server(answer) as (port, _):
        assert {one.outcome for one in run(order(port))} == {Outcome.CUT}


def test_a_closed_port_refuses() -> None:
    """At once."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    assert {one.outcome for one in run(order(port))} == {Outcome.REFUSED}


@pytest.mark.slow
@pytest.mark.timeout(20)
def test_who_gets_no_answer_leaves_after_three_seconds() -> None:
    """Connected or not."""
    started = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        found = run(order(listener.getsockname()[1]))

    assert [one.outcome for one in found] == [Outcome.TIMED_OUT] * 3
    assert 3.0 <= time.monotonic() - started < 6.0
