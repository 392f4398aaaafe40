"""What a snapshot of the daemon means to the alerts."""

from __future__ import annotations

from dataclasses import replace

import pytest

from floodwall.alerts.sighting import sighting_of, users_get_in
from floodwall.console.feed import Link, Snapshot, Standing
from floodwall.core.alert_troubles import SeenIncident, Sighting
from floodwall.core.live import CanaryTally, Live
from tests.support.fake_daemon import FLOOD, FLOODED, SSH

NOW_S = 1_700_000_000.0
LIVE = Snapshot(
    link=Link.LIVE,
    at_wall_s=NOW_S,
    since_wall_s=NOW_S,
    standing=Standing(lease_s=598.0, bans=2),
    live=Live(1, NOW_S, services=(FLOODED, SSH), incidents=(FLOOD,)),
)


def seen(snapshot: Snapshot) -> Sighting:
    """Look, a minute after the alerts began."""
    return sighting_of(snapshot, 720, NOW_S - 60, {FLOOD.service: 12})


def test_a_flood_is_seen_as_it_is() -> None:
    """Service, incident with its number, canary, rung."""
    sighting = seen(LIVE)

    assert sighting.silent_s is None
    assert sighting.lease_s == 598.0
    assert sighting.incidents == (SeenIncident(FLOOD.service, "spoofed_flood", 12),)
    flooded = sighting.services[0]
    assert (flooded.rung, flooded.armed, flooded.users_get_in) == ("challenge", True, True)
    assert flooded.syns_per_s == 48254


def test_a_stale_daemon_is_silent_since_it_was_heard() -> None:
    """Its lease goes on running out."""
    sighting = seen(replace(LIVE, link=Link.STALE, since_wall_s=NOW_S - 100, error="gone"))

    assert sighting.silent_s == 100.0
    assert sighting.lease_s == 498.0
    assert sighting.silence == "gone"
    assert seen(replace(LIVE, link=Link.STALE, since_wall_s=NOW_S - 900)).lease_s == 0.0


def test_a_daemon_that_was_never_heard_is_silent_since_we_began() -> None:
    """Nothing is known of its lease."""
    sighting = seen(Snapshot(at_wall_s=NOW_S, error="no daemon"))

    assert sighting.silent_s == 60.0
    assert sighting.lease_s is None
    assert sighting.services == ()


def test_without_a_data_plane_there_is_no_lease_to_lose() -> None:
    """That SYNs are not counted is what is told."""
    live = Live(1, NOW_S, counted=False, blind={"queues": "no permission"})
    sighting = seen(replace(LIVE, live=live, standing=Standing(rung="nftables", lease_s=0.0)))

    assert sighting.lease_s is None
    assert sighting.blind == ("queues", "SYNs, which nothing counts on the rung nftables")


@pytest.mark.parametrize(
    ("canary", "get_in"),
    [
        (None, None),
        (CanaryTally(0, 0, connected=False), None),
        (CanaryTally(60, 1, connected=False), True),
        (CanaryTally(60, 2, connected=False), True),
        (CanaryTally(60, 3, connected=False), False),
        (CanaryTally(60, 30, connected=True), True),
        (CanaryTally(1, 1, connected=False), False),
    ],
)
def test_one_lost_packet_locks_nobody_out(canary: CanaryTally | None, get_in: object) -> None:
    """Three failures within a minute do, while the last one failed."""
    assert users_get_in(canary) is get_in
