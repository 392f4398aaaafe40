"""Where captures are replayed: nothing of it is seen outside, and nothing stays."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from floodwall.app.replay_stage import stage
from floodwall.core.errors import NotSupported
from floodwall.core.model import Endpoint
from floodwall.core.settings import Settings
from floodwall.kernel.netns import current_inode
from tests.support.packets import TCP, Ethernet, IPv4

pytestmark = pytest.mark.root

WEB = Endpoint(ip_address("192.0.2.10"), 80)
SYN = bytes(Ethernet() / IPv4("198.51.100.7", "192.0.2.10") / TCP())


def test_the_control_plane_decides_on_the_limits() -> None:
    """As it would for a listener of this backlog."""
    with stage(Settings(), (WEB,), 100) as ready:
        limits = ready.tables.limits(0)

    assert 0 < limits.low < limits.high <= 100


def test_it_happens_in_a_namespace_of_its_own() -> None:
    """The thread is back in its own when it is over."""
    home = current_inode()
    with stage(Settings(), (WEB,), 100):
        assert current_inode() != home

    assert current_inode() == home


def test_what_completes_is_no_longer_pending() -> None:
    """The word of the stack counts as it does on the wire."""
    with stage(Settings(), (WEB,), 100) as ready:
        ready.run(SYN, 10**12)
        before = ready.tables.state(0).pending
        client, server = (bytes(10) + b"\xff\xff" + SYN[at : at + 4] for at in (26, 30))
        ready.complete(client, 40000, server, 80)

        assert (before, ready.tables.state(0).pending) == (1, 0)
        assert ready.tables.tally(0).completed == 1


def test_without_privileges_it_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    """As everything that needs root does."""
    monkeypatch.setenv("FLOODWALL_MASK", "capabilities")

    with pytest.raises(NotSupported), stage(Settings(), (WEB,), 100):
        pass
