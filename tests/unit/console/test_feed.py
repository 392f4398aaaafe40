"""The one source of every screen."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from floodwall.app.client import Client
from floodwall.app.desk import Verb
from floodwall.app.desk_bans import From
from floodwall.app.peer import Peer, Role
from floodwall.console.feed import Feed, History, Link, Snapshot, health_of
from floodwall.core.errors import FloodwallError
from floodwall.core.protocol import SOCKET
from tests.support.fake_daemon import CALM, FLOODED, SSH, FakeDaemon, serving


def feed(run: Path, clock: Callable[[], float] | None = None) -> Feed:
    """Make a feed from a socket."""
    seconds = itertools.count(1000)
    return Feed(lambda: Client(run / SOCKET, 2.0), clock or (lambda: float(next(seconds))))


def test_a_daemon_that_answers_is_live(tmp_path: Path) -> None:
    """With everything that it says, and what it lets us do."""
    daemon = FakeDaemon()
    daemon.flood()
    with serving(tmp_path, daemon.verbs()) as complaints:
        asked = feed(tmp_path)
        snapshot = asked.poll()
        asked.close()

    assert (snapshot.link, snapshot.role, complaints) == (Link.LIVE, "operate", [])
    assert snapshot.services[0] == FLOODED
    assert snapshot.verbs >= {"live", "hello"}
    assert snapshot.health.good
    assert snapshot.standing.pid == 4711


def test_a_daemon_that_never_answered_is_not_called_stale(tmp_path: Path) -> None:
    """It says why, and what to do."""
    snapshot = feed(tmp_path).poll()

    assert (snapshot.link, snapshot.since_wall_s, snapshot.live) == (Link.NEVER, None, None)
    assert "no daemon can be reached" in snapshot.error
    assert snapshot.hint == "floodwall run"
    assert not snapshot.health.good


def test_a_daemon_that_is_gone_is_stale_since_it_was_last_heard_of(tmp_path: Path) -> None:
    """What was known stays; and it is live again as soon as it answers."""
    daemon, asked = FakeDaemon(), feed(tmp_path)
    with serving(tmp_path, daemon.verbs()):
        first = asked.poll()
    gone = [asked.poll(), asked.poll()]
    with serving(tmp_path, daemon.verbs()):
        again = asked.poll()
        asked.close()

    assert [each.link for each in gone] == [Link.STALE, Link.STALE]
    assert {each.since_wall_s for each in gone} == {first.since_wall_s}
    assert gone[0].services == first.services
    assert gone[0].health.reasons
    assert again.link is Link.LIVE


def odd(_: Peer, __: From) -> Mapping[str, Any]:
    """Answer what no daemon of ours says."""
    return {"services": [{"index": "x"}], "standing": {}, "at_ns": 1, "next": None}


def test_an_odd_answer_is_an_error_and_no_crash(tmp_path: Path) -> None:
    """As from a daemon of another version."""
    with serving(tmp_path, {"live": Verb(Role.VIEW, From, odd)}):
        snapshot = feed(tmp_path).poll()

    assert snapshot.link is Link.NEVER
    assert snapshot.error.startswith("not understood")


def test_a_daemon_before_its_first_second_is_live_and_not_yet_good(tmp_path: Path) -> None:
    """It is there, and has not looked."""
    with serving(tmp_path, FakeDaemon(silent=True).verbs()):
        asked = feed(tmp_path)
        snapshot = asked.poll()
        asked.close()

    assert (snapshot.link, snapshot.live) == (Link.LIVE, None)
    assert snapshot.health.reasons == ("the daemon has not looked yet",)


def test_every_reason_against_health_is_told() -> None:
    """Blindness, trouble, a rung that counts nothing, a lease that is over."""
    daemon = FakeDaemon(blind={"queues": "EPERM"}, counted=False)
    live = daemon.look()
    uncounted = Snapshot(link=Link.LIVE, live=live)

    assert health_of(uncounted).reasons == (
        "cannot see queues: EPERM",
        "nothing counts or challenges SYNs on the rung ",
    )
    over = Snapshot(link=Link.LIVE, live=FakeDaemon().look())
    assert health_of(over).reasons == ("the lease has run out: everything passes",)


def test_history_is_bounded_in_seconds_and_services(tmp_path: Path) -> None:
    """And a daemon that is gone leaves a gap, not a line."""
    daemon, history = FakeDaemon(), History(seconds=5, services=1)
    with serving(tmp_path, daemon.verbs()):
        asked = feed(tmp_path)
        for _ in range(8):
            history.take(asked.poll())
        asked.close()
    history.take(asked.poll())

    assert len(history.of("")) == 5
    assert len(history.of("*:443 nginx")) == 5
    assert history.of("*:22 sshd") == ()
    assert history.of("*:443 nginx")[-1].values["syns"] == 41


def test_a_new_service_takes_the_place_of_one_that_is_gone(tmp_path: Path) -> None:
    """Not of one that is still there."""
    daemon, history = FakeDaemon(services=(CALM,)), History(services=1)
    with serving(tmp_path, daemon.verbs()):
        asked = feed(tmp_path)
        history.take(asked.poll())
        daemon.services = (SSH,)
        history.take(asked.poll())
        asked.close()

    assert (len(history.of(CALM.name)), len(history.of(SSH.name))) == (0, 1)


def test_the_errors_of_a_feed_are_ours() -> None:
    """Anything else is a mistake and is seen."""

    def broken() -> Client:
        raise FloodwallError("no way", hint="another way")

    snapshot = Feed(broken, lambda: 1.0).poll()

    assert (snapshot.error, snapshot.hint) == ("no way", "another way")
