"""Real connections to listeners of this test."""

import socket
import time
from collections.abc import Iterator
from ipaddress import ip_address

import pytest

from floodwall.core.model import Endpoint
from floodwall.doctor.doors import MOST, choose_doors, try_doors
from floodwall.doctor.sample import Socket, Sockets
from tests.support.playbook import endpoint

HOME = ip_address("127.0.0.1")


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A listener on loopback with room."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


def sockets(*bound: Endpoint, device: int = 0) -> Sockets:
    """Make listeners as a sample has them."""
    return Sockets(tuple(Socket(each, device, 128, 0, 1) for each in bound))


def place(listener: socket.socket) -> Endpoint:
    """Return where a listener listens."""
    return Endpoint(HOME, listener.getsockname()[1])


def test_a_listener_answers_at_once(listener: socket.socket) -> None:
    """Long before the patience is over, and its application sees nothing."""
    where = place(listener)
    listener.setblocking(False)
    began = time.monotonic()
    found, trouble = try_doors(sockets(where), 5.0)

    assert time.monotonic() - began < 2
    assert trouble == ""
    assert found[where, 0].connected
    with pytest.raises(BlockingIOError):
        listener.accept()


def test_a_port_that_is_shut_refuses(listener: socket.socket) -> None:
    """What was a listener when it was looked at may be gone."""
    where = place(listener)
    listener.close()
    found, _ = try_doors(sockets(where), 1.0)

    assert (found[where, 0].connected, found[where, 0].why) == (False, "Connection refused")


def test_a_listener_that_is_full_does_not_answer() -> None:
    """The patience is a bound."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        where = place(full)
        with socket.create_connection(("127.0.0.1", where.port)):
            began = time.monotonic()
            found, _ = try_doors(sockets(where), 0.3)

    assert time.monotonic() - began < 1
    assert found[where, 0].why == "no answer within 0.3 s"


def test_wildcards_are_tried_on_loopback() -> None:
    """Those bound to a device, or to a link, do not hear us."""
    chosen = choose_doors(sockets(endpoint("0.0.0.0", 80), endpoint("::", 81)))

    assert [str(where) for _, where in chosen] == ["127.0.0.1:80", "[::1]:81"]
    assert choose_doors(sockets(endpoint("0.0.0.0", 80), device=3)) == []
    assert choose_doors(sockets(endpoint("fe80::1", 80))) == []
    assert try_doors(sockets(), 1.0) == ({}, "")


def test_the_number_is_bounded() -> None:
    """However many listen."""
    many = sockets(*(endpoint("0.0.0.0", port) for port in range(1, 400)))

    assert len(choose_doors(many)) == MOST
