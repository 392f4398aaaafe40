"""Snapshots for tests of screens: what a fake daemon says, as a feed would tell it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from floodwall.console.feed import Link, Snapshot, Standing, health_of
from tests.support.fake_daemon import FakeDaemon

NOW_S = 1_800_000_000.0
VERBS = frozenset({"hello", "live", "why", "ban", "allow", "arm", "calm", "off"})


def snapshot_of(daemon: FakeDaemon | None = None, **more: Any) -> Snapshot:
    """Return what is known of a daemon that answers and lets us do everything."""
    daemon = daemon or FakeDaemon()
    fields: dict[str, Any] = {
        "link": Link.LIVE,
        "at_wall_s": NOW_S,
        "since_wall_s": NOW_S,
        "role": "operate",
        "verbs": VERBS,
        "standing": msgspec.convert(msgspec.to_builtins(daemon.standing), Standing),
        "live": daemon.look(),
    }
    snapshot = Snapshot(**(fields | more))
    return replace(snapshot, health=health_of(snapshot))
