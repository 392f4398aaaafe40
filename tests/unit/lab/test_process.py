"""Processes of the lab."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from floodwall.core.errors import KernelError
from floodwall.lab.flood import Aim, Flood, FloodOrder, FloodReport, Sources
from floodwall.lab.load import ClientOrder, ClientReport
from floodwall.lab.namespace import Namespace
from floodwall.lab.process import Worker
from floodwall.lab.wait import until

pytestmark = pytest.mark.root

ORDER = ClientOrder((), (), 80, 0.0, 0, 1, 0, timestamps=True, cpu=0)
CLIENT = "floodwall.lab.client_worker"

PARENT = """
import ctypes, subprocess, sys, time
from floodwall.lab.process import die_with_parent
import signal
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"],
    preexec_fn=lambda: die_with_parent(signal.SIGKILL))
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.fixture
def namespace() -> Iterator[Namespace]:
    """Return an empty namespace."""
    made = Namespace.create("empty")
    yield made
    made.close()


def test_an_order_goes_in_and_a_report_comes_out(namespace: Namespace) -> None:
    """Nobody came, so nobody has anything to tell."""
    worker = Worker(CLIENT, namespace, ORDER, ClientReport)
    try:
        worker.wait_ready()
        worker.go(time.monotonic_ns())
        report = worker.report(10.0)
    finally:
        worker.stop()

    assert report == ClientReport(True, (), ())


def test_a_worker_that_refuses_is_quoted(namespace: Namespace) -> None:
    """In an empty namespace there is no interface of the lab."""
    order = FloodOrder(Flood(Sources.RANDOM, 1.0), Aim("x", "", "", "198.18.0.2", 80),
                       ((0, 1),), 1, 0)  # fmt: skip
    worker = Worker("floodwall.lab.flood_worker", namespace, order, FloodReport)
    try:
        with pytest.raises(KernelError, match="refusing to send: interface x is not here"):
            worker.wait_ready()
    finally:
        worker.stop()


def test_a_worker_that_does_not_end_is_an_error_and_can_be_stopped(namespace: Namespace) -> None:
    """It waits for its word to begin."""
    worker = Worker(CLIENT, namespace, ORDER, ClientReport)
    try:
        worker.wait_ready()
        with pytest.raises(KernelError, match="did not end within 0 s"):
            worker.report(0.01)
    finally:
        worker.stop()

    assert not os.path.exists(f"/proc/{worker.pid}")  # noqa: PTH110 # a path of /proc, not a file


def test_a_child_dies_with_its_parent() -> None:
    """Even if the parent is killed and can do nothing about it."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    parent.send_signal(signal.SIGKILL)
    parent.communicate()

    assert until(lambda: not _runs(child), 5.0)


def _runs(process: int) -> bool:
    try:
        with open(f"/proc/{process}/stat") as stat:  # noqa: PTH123 # a path of /proc, not a file
            return ") Z " not in stat.read()
    except OSError:
        return False
