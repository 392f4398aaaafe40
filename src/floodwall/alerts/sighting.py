"""What a snapshot of the daemon means to the alerts."""

from collections.abc import Mapping

from floodwall.console.feed import Link, Snapshot
from floodwall.core.alert_troubles import SeenIncident, SeenService, Sighting
from floodwall.core.live import CanaryTally, LiveService

FAILURES_MIN = 3
"""Handshakes of our own within a minute that fail before users are said not to get in."""


def sighting_of(
    snapshot: Snapshot, minute: int, since_s: float, numbers: Mapping[str, int]
) -> Sighting:
    """Say what is seen; `since_s` is when we began, `numbers` are those of open incidents."""
    live, standing, now_s = snapshot.live, snapshot.standing, snapshot.at_wall_s
    known = live is not None
    silent_s = None
    if snapshot.link is not Link.LIVE:
        # A daemon that was never heard has been silent since we began to ask.
        heard_s = since_s if snapshot.since_wall_s is None else snapshot.since_wall_s
        silent_s = max(0.0, now_s - heard_s)
    lease_s = None
    if live is not None and live.counted:
        lease_s = max(0.0, standing.lease_s - (silent_s or 0.0))
    blind = tuple(sorted(live.blind)) if live is not None else ()
    if live is not None and not live.counted:
        blind = (*blind, f"SYNs, which nothing counts on the rung {standing.rung}")
    return Sighting(
        now_s=now_s,
        minute=minute,
        silent_s=silent_s,
        silence=snapshot.error,
        lease_s=lease_s,
        incidents=tuple(
            SeenIncident(each.service, each.kind, numbers.get(each.service))
            for each in (live.incidents if live is not None else ())
        ),
        services=tuple(_service(each) for each in snapshot.services) if known else (),
        blind=blind,
        trouble=standing.trouble,
        bans=standing.bans,
    )


def users_get_in(canary: CanaryTally | None) -> bool | None:
    """Say whether a new user gets in; one failure among sixty is a lost packet."""
    if canary is None or not canary.tried:
        return None
    return canary.connected or canary.failed < min(FAILURES_MIN, canary.tried)


def _service(live: LiveService) -> SeenService:
    canary = live.canary
    return SeenService(
        name=live.name,
        kind=live.kind,
        rung=live.rung,
        armed=live.armed_for_s is not None,
        advice=live.advice,
        users_get_in=users_get_in(canary),
        canary_ms=canary.median_ms if canary else None,
        syns_per_s=live.rates.get("syns"),
    )
