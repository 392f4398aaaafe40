"""Sysctls during a real flood."""

from __future__ import annotations

import time

import pytest

from tests.support.household import Household, eventually

pytestmark = [pytest.mark.root, pytest.mark.live]

RETRIES = "net.ipv4.tcp_synack_retries"
BACKLOG = "net.ipv4.tcp_max_syn_backlog"
NO_XDP = "native_xdp,generic_xdp"


def test_a_flood_in_the_queue_changes_them_and_the_end_puts_them_back(home: Household) -> None:
    """Where nothing answers in the driver, half-open entries fill the kernel's own queue."""
    home.sysctl(BACKLOG, "256")
    daemon = home.daemon(mask=NO_XDP)
    home.flood(400)
    daemon.wait_for_event(f"set {RETRIES} to 2 (it was 5)")
    daemon.wait_for_event(f"set {BACKLOG} to 4096 (it was 256)")

    assert home.sysctl(RETRIES) == "2"
    assert daemon.end() == 0
    assert home.sysctl(RETRIES) == "5"
    assert home.sysctl(BACKLOG) == "256"


def test_a_flood_that_is_answered_in_the_driver_changes_nothing(home: Household) -> None:
    """Clients of every service would pay for what helps nobody."""
    home.listen(port=8090, backlog=4096)
    daemon = home.daemon()
    for _ in range(8):
        home.flood(200, port=8090)
        time.sleep(0.25)
    daemon.wait_for_event("a SYN flood from forged addresses")

    assert home.sysctl(RETRIES) == "5"
    assert not [line for line in daemon.said if RETRIES in line.get("text", "")]
    assert daemon.end() == 0


def test_the_operator_keeps_them(home: Household) -> None:
    """With `tuning.enabled = false` a flood is a flood, and a sysctl what it was."""
    with home.file("[tuning]\nenabled = false\n") as path:
        daemon = home.daemon("--config", path, mask=NO_XDP)
        home.flood(400)
        daemon.wait_for_event("a SYN flood from forged addresses")
        daemon.wait_for(lambda line: line["kind"] == "second")

        assert eventually(lambda: home.sysctl(RETRIES) == "5", 1)
        assert daemon.end() == 0
