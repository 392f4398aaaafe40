"""Deaths of the daemon: protection goes on, the next one takes over, `off` always works."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest

from floodwall.kernel.links import Link
from tests.support.household import Household, eventually, household

pytestmark = pytest.mark.root


@pytest.fixture
def home() -> Iterator[Household]:
    """Return a server whose SYN cookies are off, with one listener."""
    with household() as made:
        made.sysctl("net.ipv4.tcp_syncookies", "0")
        made.listen()
        yield made


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
    """A stopped process cannot keep the machine."""
    daemon = home.daemon()
    daemon.send(signal.SIGSTOP)

    assert "was killed" in home.floodwall("off").stdout
    assert daemon.process.wait(5) == -signal.SIGKILL
    assert home.sysctl("net.ipv4.tcp_syncookies") == "0"
    assert home.state_directory() is None


def test_a_sysctl_that_somebody_else_changed_is_theirs(home: Household) -> None:
    """Only our own value is put back."""
    daemon = home.daemon()
    home.sysctl("net.ipv4.tcp_syncookies", "2")

    assert daemon.end() == 0
    assert home.sysctl("net.ipv4.tcp_syncookies") == "2"


def test_bans_survive_a_kill(home: Household) -> None:
    """And run to their own expiry, with or without a daemon."""
    daemon = home.daemon()
    home.floodwall("ban", "198.51.100.7", "--for", "1h", "--reason", "kept")
    daemon.end(signal.SIGKILL)
    assert "kept" in home.floodwall("bans").stdout

    second = home.daemon()
    assert "kept" in home.floodwall("bans").stdout
    assert second.end() == 0


def test_death_with_on_death_open_opens(home: Household) -> None:
    """The lease is five seconds; then everything passes."""
    with home.file('[daemon]\non_death = "open"\n') as path:
        home.daemon("--config", path).end(signal.SIGKILL)

    assert home.status()[1]["lease_s"] <= 5
    assert eventually(lambda: home.status()[0] == 3, 10)
    assert home.reachable()
