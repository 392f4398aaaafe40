"""The process of one client network."""

import socket
import time

import pytest

from floodwall.lab.client_worker import open_sessions, serve
from floodwall.lab.load import ClientOrder, Outcome


def test_the_first_session_of_a_family_is_interactive() -> None:
    """The others are transfers, each from an address of its own."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        now = time.monotonic_ns()
        order = ClientOrder(
            ("127.0.0.2", "127.0.0.3"), ("127.0.0.1",), listener.getsockname()[1], 0.0,
            now, now + 10_000_000, 2, timestamps=False, cpu=0,
        )  # fmt: skip
        report = serve(order, open_sessions(order))
        came = [listener.accept() for _ in range(2)]
        for connection, _ in came:
            connection.close()

    assert [one.interactive for one in report.long_lived] == [True, False]
    assert {address[0] for _, address in came} == {"127.0.0.2", "127.0.0.3"}
    assert (report.timestamps, report.attempts) == (False, ())


def test_it_goes_on_to_the_last_moment() -> None:
    """Even with nobody to serve."""
    stop = time.monotonic_ns() + 50_000_000
    serve(ClientOrder((), (), 80, 0.0, 0, stop, 0, timestamps=True, cpu=0), [])

    assert time.monotonic_ns() >= stop


@pytest.mark.slow
def test_waiting_for_the_last_answer_takes_no_cpu() -> None:
    """Clients go before everybody else on their CPU: one that spins would stop the lab."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        now = time.monotonic_ns()
        order = ClientOrder(
            ("127.0.0.2",), ("127.0.0.1",), listener.getsockname()[1], 1000.0,
            now, now + 1_000_000, 0, timestamps=True, cpu=0,
        )  # fmt: skip
        before = time.process_time()
        report = serve(order, [])

    assert [one.outcome for one in report.attempts] == [Outcome.TIMED_OUT]
    assert time.process_time() - before < 0.5
