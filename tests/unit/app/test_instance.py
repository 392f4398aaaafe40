"""One daemon in a network namespace."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from floodwall.app.instance import Instance, claim, running
from floodwall.core.errors import ConfigError

_CLAIM = """
import signal, sys, time
from pathlib import Path
from floodwall.app.instance import claim
signal.signal(signal.SIGTERM, signal.SIG_IGN if sys.argv[2] == "deaf" else signal.SIG_DFL)
lock = claim(Path(sys.argv[1]))
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def other(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[subprocess.Popen[str]]:
    """Start another process that is the daemon."""
    manner = getattr(request, "param", "polite")
    process = subprocess.Popen(
        [sys.executable, "-c", _CLAIM, str(tmp_path), manner], stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def test_the_daemon_is_found_and_a_second_refused(
    tmp_path: Path, other: subprocess.Popen[str]
) -> None:
    """By its lock and its process, not by a number in a file."""
    found = running(tmp_path)

    assert found
    assert found.pid == other.pid
    with pytest.raises(ConfigError, match=f"pid {other.pid}"):
        claim(tmp_path)


def test_it_stops_when_asked(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    """And its place is free."""
    found = running(tmp_path)
    assert found
    threading.Thread(target=other.wait).start()

    assert found.stop(5)
    assert running(tmp_path) is None
    with claim(tmp_path):
        mine = running(tmp_path)
        assert mine
        assert mine.pid == os.getpid()


@pytest.mark.parametrize("other", ["deaf"], indirect=True)
def test_one_that_does_not_listen_is_killed(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    """After the patience that it was given."""
    found = running(tmp_path)
    assert found
    began = time.monotonic()
    assert not found.stop(0.2)
    assert time.monotonic() - began < 2
    assert found.kill(5)
    assert other.wait() == -signal.SIGKILL


def test_a_reused_number_is_not_signalled() -> None:
    """Another process with its pid is not the daemon."""
    impostor = Instance(os.getpid(), started=1)

    assert not impostor.is_alive()
    assert impostor.stop(0)


def test_a_dead_one_is_gone(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    """A file that it left behind means nothing."""
    found = running(tmp_path)
    assert found
    other.kill()
    other.wait()

    assert running(tmp_path) is None
    assert found.stop(0)
    assert (tmp_path / "daemon.lock").exists()


def test_somebody_who_only_asks_is_waited_for(tmp_path: Path) -> None:
    """A question holds the lock for a moment; that is no second daemon."""
    for _ in range(20):
        asking = threading.Thread(target=running, args=(tmp_path,))
        asking.start()
        claim(tmp_path).release()
        asking.join()


def test_a_stopped_one_is_known(tmp_path: Path, other: subprocess.Popen[str]) -> None:
    """It lives, and hears nothing."""
    found = running(tmp_path)
    assert found
    assert not found.is_stopped()
    other.send_signal(signal.SIGSTOP)
    deadline = time.monotonic() + 5
    while not found.is_stopped() and time.monotonic() < deadline:
        time.sleep(0.01)

    assert found.is_stopped()
    assert found.is_alive()
    assert not Instance(4194303, 1).is_stopped()
