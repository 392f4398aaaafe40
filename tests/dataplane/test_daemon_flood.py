"""Small floods against the real daemon: it arms, empties full queues, and is calm again."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from tests.support.household import PORT, Household, eventually, household

pytestmark = pytest.mark.root


@pytest.fixture
def home() -> Iterator[Household]:
    """Return a server that a few hundred SYNs bring down: a short queue without cookies."""
    with household() as made:
        made.sysctl("net.ipv4.tcp_syncookies", "0")
        made.listen(backlog=128)
        yield made


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
