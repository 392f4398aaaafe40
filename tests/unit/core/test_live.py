"""What a screen is told."""

from __future__ import annotations

import json

import msgspec

from floodwall.core.live import Live
from tests.support.fake_daemon import FakeDaemon


def test_a_moment_survives_the_way_through_json() -> None:
    """A screen gets what the daemon said."""
    daemon = FakeDaemon()
    daemon.flood()
    live = daemon.look()

    there = json.loads(json.dumps(msgspec.to_builtins(live)))

    assert msgspec.convert(there, Live) == live
