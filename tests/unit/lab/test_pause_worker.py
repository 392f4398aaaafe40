"""The process that watches the server's CPU; its clock is tested in test_pauses.py."""

import os
import subprocess
import sys
import time

import msgspec
import pytest

from floodwall.lab.pauses import PauseOrder, Pauses


@pytest.mark.root
def test_it_takes_an_order_and_gives_a_report() -> None:
    """Like every other worker of the lab, at a priority that the lab has no other of."""
    order = PauseOrder(0, 20_000_000, min(os.sched_getaffinity(0)))
    command = [sys.executable, "-I", "-m", "floodwall.lab.pause_worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as worker:
        assert worker.stdin is not None
        assert worker.stdout is not None
        worker.stdin.write(msgspec.json.encode(order) + b"\n")
        worker.stdin.flush()
        assert worker.stdout.readline() == b"ready\n"
        assert os.sched_getscheduler(worker.pid) == os.SCHED_FIFO
        begun = time.monotonic_ns()
        said, _ = worker.communicate(b"%d\n" % begun, timeout=10)

    assert time.monotonic_ns() - begun >= 18_000_000
    assert msgspec.json.decode(said, type=Pauses).count >= 0
