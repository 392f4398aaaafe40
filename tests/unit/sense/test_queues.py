"""How full queues are."""

import socket

import pytest

from floodwall.core.model import Endpoint, StackLimits
from floodwall.core.signs import Queue
from floodwall.sense.listeners import Listening
from floodwall.sense.processes import Owner
from floodwall.sense.queues import read_queues
from tests.support.playbook import endpoint
from tests.unit.sense.test_listeners import row

NGINX = Owner("nginx", 700)


def listening(addr: str = "0.0.0.0", port: int = 80, **more: object) -> Listening:
    """Make a listener of nginx."""
    found = row(addr, port=port, **more)
    return Listening(Endpoint(found.addr, port), found, NGINX)


def test_a_queue_is_told_with_its_owner_and_real_limits() -> None:
    """SYN queue and accept queue of one socket."""
    web = listening(backlog=511, accept_queue=3, drops=9, ifindex=2)
    (queue,) = read_queues([web], {endpoint("192.0.2.10", 80): 40}, StackLimits(somaxconn=256))

    assert queue == Queue(
        bound=endpoint("0.0.0.0", 80),
        device=2,
        half_open=40,
        waiting=3,
        backlog=511,
        process="nginx",
        pid=700,
        capacity=256,
        drops=9,
    )


@pytest.mark.parametrize(
    ("bound", "local", "mine"),
    [
        ("192.0.2.10", "192.0.2.10", True),
        ("192.0.2.11", "192.0.2.10", False),
        ("0.0.0.0", "192.0.2.10", True),
        ("::", "192.0.2.10", True),
        ("::", "2001:db8::10", True),
        ("0.0.0.0", "2001:db8::10", False),
    ],
)
def test_a_request_waits_where_the_kernel_looks(bound: str, local: str, *, mine: bool) -> None:
    """At its own address, at the wildcard of its family, or at the one for both."""
    (queue,) = read_queues([listening(bound)], {endpoint(local, 80): 5}, None)

    assert queue.half_open == (5 if mine else 0)


def test_the_most_specific_listener_has_it() -> None:
    """An address before a wildcard, a family's wildcard before the one for both."""
    exact, four, both = listening("192.0.2.10"), listening("0.0.0.0"), listening("::")
    requests = {endpoint("192.0.2.10", 80): 1, endpoint("192.0.2.9", 80): 20}
    queues = read_queues([both, four, exact], requests, None)

    assert {str(queue.bound): queue.half_open for queue in queues} == {
        "192.0.2.10:80": 1,
        "0.0.0.0:80": 20,
        "[::]:80": 0,
    }


def test_a_group_shares_its_requests() -> None:
    """SO_REUSEPORT: the sum is exact, the share of one socket is not known."""
    queues = read_queues(
        [listening(), listening(), listening()], {endpoint("192.0.2.1", 80): 8}, None
    )

    assert [queue.half_open for queue in queues] == [3, 3, 2]


def test_limits_that_cannot_be_read_are_not_guessed() -> None:
    """Capacity 0 is unknown."""
    (queue,) = read_queues([listening()], {}, None)

    assert (queue.capacity, queue.half_open) == (0, 0)


def test_rows_of_both_families_are_rows() -> None:
    """The helper makes what the kernel lists."""
    assert listening("::").socket.family == socket.AF_INET6
