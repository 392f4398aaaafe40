"""The process of attackers with real addresses."""

import resource
from dataclasses import replace

import pytest

from floodwall.core.errors import ConfigError, KernelError
from floodwall.lab.connect_worker import MOST_SOCKETS, refuse_without_bounds, take_descriptors
from floodwall.lab.connections import ConnectOrder, ConnectReport
from floodwall.lab.flood_worker import LONGEST_S
from floodwall.lab.namespace import Namespace
from floodwall.lab.process import Worker

SECOND = 1_000_000_000
ORDER = ConnectOrder(("198.18.3.2",), ("198.18.0.2",), 80, 10.0, 0, SECOND, 100, 0)


def test_a_bounded_order_is_accepted() -> None:
    """A second, a hundred sockets."""
    refuse_without_bounds(ORDER)


@pytest.mark.parametrize(
    "order",
    [
        replace(ORDER, stop_ns=0),
        replace(ORDER, stop_ns=round((LONGEST_S + 1) * SECOND)),
        replace(ORDER, most=0),
        replace(ORDER, most=MOST_SOCKETS + 1),
    ],
)
def test_an_order_without_bounds_is_refused(order: ConnectOrder) -> None:
    """In seconds and in sockets."""
    with pytest.raises(ConfigError, match="refusing"):
        refuse_without_bounds(order)


def test_it_takes_what_the_machine_allows() -> None:
    """Fewer sockets where the limit of the machine is lower."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(before[0], 1100), before[1]))
        assert take_descriptors(900) == 900
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (1000, before[1])
        if before[1] != resource.RLIM_INFINITY:
            assert take_descriptors(before[1] + 5) == before[1] - 100
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.root
@pytest.mark.parametrize(
    "order",
    [replace(ORDER, targets=("192.0.2.1",)), replace(ORDER, sources=("192.0.2.1",))],
)
def test_it_connects_to_nothing_outside_of_the_lab(order: ConnectOrder) -> None:
    """Nor from there."""
    namespace = Namespace.create("empty")
    worker = Worker("floodwall.lab.connect_worker", namespace, order, ConnectReport)
    try:
        with pytest.raises(KernelError, match=r"refusing to connect: 192\.0\.2\.1 is no address"):
            worker.wait_ready()
    finally:
        worker.stop()
        namespace.close()
