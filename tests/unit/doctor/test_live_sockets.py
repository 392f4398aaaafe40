"""Sockets by netlink."""

import socket
import time

import pytest

from floodwall.core.address import pack
from floodwall.doctor.live_sockets import read_sockets
from floodwall.kernel import sockdiag
from tests.support.playbook import endpoint


@pytest.mark.slow
def test_a_connection_that_says_nothing_is_silent() -> None:
    """From half a second on, until it sends a byte."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as loud, socket.create_connection(
            ("127.0.0.1", port)
        ) as mute:  # fmt: skip
            loud.sendall(b"hello")
            time.sleep(0.6)
            held = [one for one in read_sockets().held if one.local.port == port]
            assert mute.fileno() >= 0

    assert sorted(bool(one.silent) for one in held) == [False, True]
    assert {one.remote for one in held} == {pack("127.0.0.1")}


def test_requests_are_added_up_by_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Old ones, and different sources, are counted."""
    rows = [
        sockdiag.HalfOpen(2, pack(source), 1024, pack("192.0.2.1"), 80, again, 0, 0, 0)
        for source, again in (("203.0.113.1", 0), ("203.0.113.2", 2), ("203.0.113.2", 1))
    ]
    monkeypatch.setattr(sockdiag, "half_open", lambda: rows)
    ((place, found),) = read_sockets().requests.items()

    assert place == endpoint("192.0.2.1", 80)
    assert (found.total, found.stale, len(found.sources)) == (3, 2, 2)
