"""What an attack changed on the machine becomes what it was, also after the daemon's death."""

from __future__ import annotations

import signal

import pytest

from tests.support.household import Daemon, Household, eventually

pytestmark = [pytest.mark.root, pytest.mark.live]

RETRIES = "net.ipv4.tcp_synack_retries"
BACKLOG = "net.ipv4.tcp_max_syn_backlog"
COOKIES = "net.ipv4.tcp_syncookies"
RUNGS = pytest.mark.parametrize("mask", ["", "xdp"], ids=["XDP", "nftables"])


def values(home: Household) -> tuple[str, ...]:
    """Return the sysctls that an attack may change."""
    return tuple(home.sysctl(name) for name in (RETRIES, BACKLOG, COOKIES))


def attacked(home: Household, mask: str) -> Daemon:
    """Return a daemon that has changed sysctls because of a flood."""
    daemon = home.daemon(mask=mask)
    assert home.sysctl(COOKIES) == "1"
    for _ in range(10):
        home.flood(600)
        if eventually(lambda: home.sysctl(RETRIES) != "5", 3):
            break
    assert home.sysctl(RETRIES) == "2"
    return daemon


@RUNGS
def test_off_after_a_kill_in_an_attack_puts_everything_back(home: Household, mask: str) -> None:
    """Two layers of one ledger: what the attack changed, and what Floodwall needs to run."""
    before = values(home)
    attacked(home, mask).end(signal.SIGKILL)
    assert values(home) != before
    answer = home.floodwall("off")

    assert f"put {RETRIES} back to 5" in answer.stdout
    assert values(home) == before


@RUNGS
def test_the_next_daemon_puts_back_what_an_attack_changed(home: Household, mask: str) -> None:
    """At its start; the attack may be over, and nobody would ever know."""
    before = values(home)
    attacked(home, mask).end(signal.SIGKILL)
    second = home.daemon(mask=mask)

    assert any(f"put {RETRIES} back to 5" in line.get("text", "") for line in second.said)
    assert second.end() == 0
    assert values(home) == before


def test_what_somebody_set_during_the_attack_is_theirs(home: Household) -> None:
    """Everything else is put back."""
    before = values(home)
    daemon = attacked(home, "")
    home.sysctl(RETRIES, "4")

    assert daemon.end() == 0
    assert values(home) == ("4", *before[1:])
