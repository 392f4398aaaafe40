"""`floodwall off` works whatever the daemon does."""

from __future__ import annotations

import signal
import time

import pytest

from tests.support.household import Household

pytestmark = [pytest.mark.root, pytest.mark.live]


def test_off_after_a_kill_leaves_nothing(home: Household) -> None:
    """The sysctl is what it was, the pins are gone, and a second call finds nothing."""
    home.daemon().end(signal.SIGKILL)
    assert home.sysctl("net.ipv4.tcp_syncookies") == "1"
    began = time.monotonic()
    answer = home.floodwall("off")
    took_s = time.monotonic() - began

    assert answer.returncode == 0
    assert "put net.ipv4.tcp_syncookies back to 0" in answer.stdout
    assert home.sysctl("net.ipv4.tcp_syncookies") == "0"
    assert home.state_directory() is None
    assert took_s < 3
    assert "nothing of Floodwall" in home.floodwall("off").stdout


def test_off_ends_a_running_daemon(home: Household) -> None:
    """Which puts everything back itself."""
    daemon = home.daemon()

    assert "has stopped" in home.floodwall("off").stdout
    assert daemon.process.wait(5) == 0
    assert home.sysctl("net.ipv4.tcp_syncookies") == "0"
    assert home.state_directory() is None


def test_off_ends_a_daemon_that_does_not_listen(home: Household) -> None:
    """A stopped process cannot keep the machine, nor is it waited for."""
    daemon = home.daemon()
    daemon.send(signal.SIGSTOP)
    began = time.monotonic()
    said = home.floodwall("off").stdout
    print(f"off beside a stopped daemon: {time.monotonic() - began:.2f} s")  # noqa: T201  a figure

    assert "was killed" in said
    assert time.monotonic() - began < 3
    assert daemon.process.wait(5) == -signal.SIGKILL
    assert home.sysctl("net.ipv4.tcp_syncookies") == "0"
    assert home.state_directory() is None
