"""One poller for all."""

from __future__ import annotations

import asyncio
from pathlib import Path

from floodwall.app.client import Client
from floodwall.console.feed import Feed
from floodwall.console.web.hub import BEHIND_NS, Hub, columns
from floodwall.core.protocol import SOCKET
from tests.support.fake_daemon import FakeDaemon, serving


def hub(run: Path, clock_ns: int = 0) -> Hub:
    """Make a hub over a socket."""
    return Hub(Feed(lambda: Client(run / SOCKET, 2.0)), lambda: clock_ns)


def test_who_is_late_gets_the_newest_second(tmp_path: Path) -> None:
    """And nothing is kept for it."""

    async def play() -> tuple[bytes, bytes]:
        shared = hub(tmp_path)
        await shared.poll()
        seconds = shared.watch()
        first = await anext(seconds)
        for _ in range(5):
            await shared.poll()
        late = await anext(seconds)
        await seconds.aclose()
        assert shared.viewers == 0
        shared.close()
        return first, late

    with serving(tmp_path, FakeDaemon().verbs()):
        first, late = asyncio.run(play())
    assert first.startswith(b"id: 1\n")
    assert late.startswith(b"id: 6\n")


def test_the_next_question_follows_the_daemons_tick(tmp_path: Path) -> None:
    """Just behind it: so a second is shown as soon as it is known."""

    async def play() -> tuple[float, float, float]:
        shared = hub(tmp_path)
        without = shared._pause_s()
        await shared.poll()
        live = shared.snapshot.live
        assert live is not None
        shared._clock_ns = lambda: live.at_ns + 400_000_000
        soon = shared._pause_s()
        shared._clock_ns = lambda: live.at_ns + 5 * 10**9
        shared.close()
        return without, soon, shared._pause_s()

    with serving(tmp_path, FakeDaemon().verbs()):
        without, soon, late = asyncio.run(play())
    assert without == 1.0
    assert abs(soon - (0.6 + BEHIND_NS / 1e9)) < 1e-6
    assert late == 0.1


def test_charts_get_columns(tmp_path: Path) -> None:
    """One list for each fact, all as long as the times."""

    async def play() -> Hub:
        shared = hub(tmp_path)
        await shared.poll()
        await shared.poll()
        shared.close()
        return shared

    with serving(tmp_path, FakeDaemon().verbs()):
        shared = asyncio.run(play())
    told = columns(shared.history, "*:443 nginx")
    assert {len(each) for each in told["values"].values()} == {len(told["wall_s"])} == {2}
    assert columns(shared.history, "nothing") == {"wall_s": [], "values": {}}
