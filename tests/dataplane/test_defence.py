"""The real daemon defends: small floods, full queues, its own death."""

from __future__ import annotations

import signal
import time

import pytest

from floodwall.kernel.links import Link
from tests.support.household import PORT, Household, eventually

pytestmark = [pytest.mark.root, pytest.mark.live]


def pinned_links(home: Household) -> list[int]:
    """Return the ids of the links that are pinned, XDP and tc."""
    directory = home.state_directory()
    assert directory
    paths = [path for path in directory.pinned("link_") if "handshake" not in path.name]
    found = []
    for path in paths:
        link = Link.from_pin(path)
        found.append(link.info().id)
        link.close()
    return found


def test_it_follows_the_machine_within_a_second_or_two(home: Household) -> None:
    """New listeners are protected, new addresses too, and loopback is left alone."""
    daemon = home.daemon()
    home.listen("127.0.0.1", 8081)
    home.listen("0.0.0.0", 8082)
    home.address(home.server, home.interface, "10.99.0.77")

    assert daemon.wait_for_event("protects *:8082")
    plans = eventually(lambda: home.status()[1]["plan"]["exclusions"])
    assert [plan["reason"] for plan in plans] == ["listens on loopback only"]
    assert home.reachable("10.99.0.77", 8082)
    assert daemon.end() == 0


def test_a_killed_daemon_is_succeeded(home: Household) -> None:
    """Links, service numbers and connections are the same before and after."""
    first = home.daemon()
    connection = home.connect()
    assert connection
    (before,) = home.status()[1]["services"]
    links = pinned_links(home)
    assert first.end(signal.SIGKILL) == -signal.SIGKILL
    code, status = home.status()
    assert (code, status["pid"]) == (1, None)
    assert status["lease_s"] > 500
    assert home.reachable()

    second = home.daemon()
    (after,) = home.status()[1]["services"]
    assert pinned_links(home) == links
    assert after["plan"]["index"] == before["plan"]["index"]
    assert after["reading"]["syns"] > before["reading"]["syns"]
    assert any("took over" in line.get("text", "") for line in second.said)
    with connection:
        connection.sendall(b"still here")
    assert second.end() == 0
    assert home.sysctl("net.ipv4.tcp_syncookies") == "0"
    assert home.state_directory() is None


def test_a_sysctl_that_somebody_else_changed_is_theirs(home: Household) -> None:
    """Only our own value is put back."""
    daemon = home.daemon()
    home.sysctl("net.ipv4.tcp_syncookies", "2")

    assert daemon.end() == 0
    assert home.sysctl("net.ipv4.tcp_syncookies") == "2"


def test_it_arms_and_is_calm_again(home: Household) -> None:
    """Users get through meanwhile; `status` returns 1 and then 0 again."""
    daemon = home.daemon()
    home.flood(400)
    assert home.reachable()
    assert daemon.wait_for_event("is armed")
    code, status = home.status()
    (service,) = status["services"]

    assert code == 1
    assert service["armed_for_s"] >= 0
    assert service["reading"]["challenged"] > 300
    assert daemon.wait_for_event("is calm again")
    assert home.status()[0] == 0
    assert daemon.end() == 0


def test_a_full_queue_is_emptied(home: Household) -> None:
    """Started in the middle of a flood, with the queue full of entries that live a minute."""
    home.flood(400)
    assert not home.reachable(timeout_s=1.2)
    daemon = home.daemon()
    began = time.monotonic()

    assert eventually(home.reachable, 3)
    assert time.monotonic() - began < 1
    assert any("half-open entries of" in line.get("text", "") for line in daemon.said)
    assert daemon.end() == 0


def test_the_settings_can_arm_a_port_for_good(home: Household) -> None:
    """Every connection is then made by cookie, and loses nothing."""
    with home.file(f"[services]\narmed_ports = [{PORT}]\n") as path:
        daemon = home.daemon("--config", path)
    assert all(home.reachable() for _ in range(5))
    reading = home.status()[1]["services"][0]["reading"]

    assert reading["proven"] == 5
    assert reading["passed"] == 0
    assert daemon.end() == 0
