"""What an operator says about networks, beside the real daemon."""

from __future__ import annotations

import signal

import pytest

from tests.support.household import NEIGHBOUR, SERVER, Household, eventually

pytestmark = [pytest.mark.root, pytest.mark.live]


def test_bans_hold_and_are_lifted(home: Household) -> None:
    """A banned neighbour gets nothing through, and everything again after."""
    daemon = home.daemon()
    assert home.floodwall("ban", NEIGHBOUR, "--reason", "a test").returncode == 0
    assert not home.reachable(timeout_s=1)
    listed = home.floodwall("bans").stdout
    assert NEIGHBOUR in listed
    assert "a test" in listed

    assert home.floodwall("unban", NEIGHBOUR).returncode == 0
    assert home.reachable()
    assert home.floodwall("unban", NEIGHBOUR).returncode == 2
    assert daemon.end() == 0


def test_a_ban_expires_in_the_kernel(home: Household) -> None:
    """Also of a prefix, and without anybody's help."""
    daemon = home.daemon()
    assert home.floodwall("ban", "10.99.0.128/25", f"{NEIGHBOUR}", "--for", "2s").returncode == 0

    assert not home.reachable(timeout_s=0.5)
    assert eventually(home.reachable, 6)
    assert daemon.end() == 0


def test_an_allowed_network_overrules_a_ban(home: Household) -> None:
    """And cannot be banned until that is taken back."""
    daemon = home.daemon()
    home.floodwall("ban", NEIGHBOUR)
    assert home.floodwall("allow", NEIGHBOUR).returncode == 0
    assert home.reachable()
    home.floodwall("unban", NEIGHBOUR)
    refused = home.floodwall("ban", NEIGHBOUR)
    assert refused.returncode == 2
    assert "protected: operator's list" in refused.stderr

    assert home.floodwall("allow", "--remove", NEIGHBOUR).returncode == 0
    assert eventually(lambda: home.floodwall("ban", NEIGHBOUR).returncode == 0)
    assert daemon.end() == 0


@pytest.mark.parametrize(
    ("network", "reason"),
    [
        (SERVER, "own address"),
        ("10.99.0.2", "gateway"),
        ("10.99.0.0/30", "touches"),
        ("11.0.0.0/8", "wider than /16"),
    ],
)
def test_who_is_protected_cannot_be_banned(home: Household, network: str, reason: str) -> None:
    """Own addresses, gateways, and whatever touches them."""
    daemon = home.daemon()
    refused = home.floodwall("ban", network)

    assert refused.returncode == 2
    assert reason in refused.stderr
    assert daemon.end() == 0


def test_a_live_ssh_peer_cannot_be_banned(home: Household) -> None:
    """Whoever is logged in is not locked out."""
    home.listen("0.0.0.0", 22)
    daemon = home.daemon()
    session = home.connect(port=22)
    assert session
    with session:
        refused = eventually(
            lambda: "SSH peer" in home.floodwall("ban", NEIGHBOUR, "--for", "1s").stderr
        )

    assert refused
    assert daemon.end() == 0


def test_bans_survive_a_kill(home: Household) -> None:
    """And run to their own expiry, with or without a daemon."""
    daemon = home.daemon()
    home.floodwall("ban", "198.51.100.7", "--for", "1h", "--reason", "kept")
    daemon.end(signal.SIGKILL)
    assert "kept" in home.floodwall("bans").stdout

    second = home.daemon()
    assert "kept" in home.floodwall("bans").stdout
    assert second.end() == 0
