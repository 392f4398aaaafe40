"""`floodwall status` tells what holds, with a daemon and without."""

from __future__ import annotations

import signal

import pytest

from tests.support.household import PORT, SERVER, SERVER6, Household, eventually

pytestmark = [pytest.mark.root, pytest.mark.live]


def test_it_protects_what_listens_and_says_how(home: Household) -> None:
    """The plan names service, mechanism and rung; both families get through."""
    daemon = home.daemon()
    code, status = home.status()
    (service,) = daemon.plan["services"]

    assert service["name"].startswith(f"[::]:{PORT}")
    assert service["mechanism"] == "handover"
    assert daemon.plan["interfaces"][0]["rung"].startswith("XDP ")
    assert (code, status["state"]) == (0, "running")
    assert 590 < status["lease_s"] <= 600
    assert status["pid"]
    assert home.reachable(SERVER)
    assert home.reachable(SERVER6)
    assert daemon.end() == 0
    assert home.is_untouched()


def test_death_with_on_death_open_opens(home: Household) -> None:
    """The lease is five seconds; then everything passes."""
    with home.file('[daemon]\non_death = "open"\n') as path:
        home.daemon("--config", path).end(signal.SIGKILL)

    assert home.status()[1]["lease_s"] <= 5
    assert eventually(lambda: home.status()[0] == 3, 10)
    assert home.reachable()
