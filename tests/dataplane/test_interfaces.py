"""Interfaces come and go under the real daemon."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.support.household import SECOND_NEIGHBOUR, Household, eventually

pytestmark = [pytest.mark.root, pytest.mark.live]


def test_an_interface_that_comes_back_is_protected_again(home: Household) -> None:
    """Under another number, within two seconds."""
    daemon = home.daemon()
    home.rebuild_link()

    assert daemon.wait_for_event(f"attached to {home.interface} again")
    assert eventually(home.reachable)
    assert daemon.end() == 0
    assert home.is_untouched()


def test_a_lower_rung_protects_and_says_why(home: Household) -> None:
    """Without hand-over the kernel's own cookies are used."""
    daemon = home.daemon(mask="handover,native_xdp")
    (service,) = daemon.plan["services"]

    assert service["mechanism"] == "stack"
    assert service["why"] == "requests cannot be handed over here"
    assert any("masked" in each for each in daemon.plan["interfaces"][0]["refused"])
    home.flood(200)
    assert home.reachable()
    assert daemon.end() == 0


def test_several_interfaces_are_one_machine(home: Household) -> None:
    """One service, one ban, reached through both."""
    interface, address = home.second_link()
    daemon = home.daemon("--interface", interface)
    assert len(daemon.plan["services"]) == 1
    assert len(daemon.plan["interfaces"]) == 2
    assert home.reachable()
    assert home.reachable(address, source=SECOND_NEIGHBOUR)
    home.floodwall("ban", SECOND_NEIGHBOUR)

    assert not home.reachable(address, source=SECOND_NEIGHBOUR, timeout_s=0.5)
    assert home.reachable()
    assert home.status()[1]["services"][0]["reading"]["syns"] >= 3
    assert daemon.end() == 0
    assert home.is_untouched()


def test_interfaces_are_chosen_again_on_reload(home: Household) -> None:
    """All of the new ones, or those of before."""
    interface, address = home.second_link()
    with home.file(f'[attach]\ninterfaces = ["{home.interface}"]\n') as path:
        daemon = home.daemon_of(path)
        Path(path).write_text(f'[attach]\ninterfaces = ["{interface}", "nosuch0"]\n')
        daemon.send(signal.SIGHUP)
        daemon.wait_for_event("there is no interface nosuch0")
        assert [each["name"] for each in home.status()[1]["plan"]["interfaces"]] == [home.interface]
        Path(path).write_text(f'[attach]\ninterfaces = ["{interface}"]\n')
        daemon.send(signal.SIGHUP)
        daemon.wait_for_event("settings reloaded")

    assert [each["name"] for each in home.status()[1]["plan"]["interfaces"]] == [interface]
    assert home.reachable(address, source=SECOND_NEIGHBOUR)
    assert daemon.end() == 0
    assert home.is_untouched()
