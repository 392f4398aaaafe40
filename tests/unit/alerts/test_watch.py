"""The watch over the daemon, with a daemon, deliveries and a clock of the test's own."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from floodwall.alerts.delivery import Delivery, Outcome, Parcel
from floodwall.alerts.spool import FILE, Spool
from floodwall.alerts.watch import Means, Watch
from floodwall.console.feed import Link, Snapshot, Standing
from floodwall.core.alert_targets import Target, parse_targets
from floodwall.core.live import Live
from floodwall.core.settings_alerts import AlertPolicy
from tests.support.fake_daemon import FLOOD, FLOODED, SSH

NOW_S = 1_700_000_000.0
TARGETS = parse_targets(
    '[ops]\nexec = "/x"\n[pager]\nexec = "/y"\nleast = "critical"\n[boss]\nexec = "/z"\n'
    "escalation = true\n",
    "targets",
)


class FakeDelivery:
    """A delivery whose end the test decides."""

    def __init__(self, parcel: Parcel) -> None:
        self.parcel = parcel
        self.outcome: Outcome | None = None
        self.killed = False

    def poll(self) -> Outcome | None:
        """Return what the test decided."""
        return self.outcome

    def kill(self) -> None:
        """Note it."""
        self.killed = True


class Scene:
    """A watch, what it sees, and what it started."""

    def __init__(self, path: Path) -> None:
        self.spool = Spool(path / FILE)
        self.now_s = NOW_S
        self.snapshot = Snapshot(link=Link.LIVE, standing=Standing(lease_s=600.0), live=Live(1, 1))
        self.started: list[FakeDelivery] = []
        self.said: list[str] = []
        self.asked = 0
        self.watch = self.again()

    def again(self) -> Watch:
        """Begin to watch over the same spool."""
        means = Means(
            poll=self.poll,
            numbers=self.numbers,
            say=self.said.append,
            host="web1",
            deliver=self.deliver,
            wall=lambda: self.now_s,
        )
        return Watch(AlertPolicy(escalate_s=600), TARGETS, self.spool, means)

    def poll(self) -> Snapshot:
        """See what the test shows."""
        return replace(self.snapshot, at_wall_s=self.now_s, since_wall_s=self.now_s)

    def numbers(self) -> dict[str, int]:
        """Count how often it is asked."""
        self.asked += 1
        return {FLOOD.service: 12}

    def deliver(self, target: Target, parcel: Parcel) -> Delivery:
        """Start nothing."""
        assert target in TARGETS.values()
        self.started.append(FakeDelivery(parcel))
        return cast("Delivery", self.started[-1])

    def flood(self) -> None:
        """Let the flood begin."""
        live = Live(1, 1, services=(FLOODED, SSH), incidents=(FLOOD,))
        self.snapshot = replace(self.snapshot, live=live)

    def turn(self, after_s: float = 1.0) -> None:
        """Let a moment pass, and look."""
        self.now_s += after_s
        self.watch.turn()


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Watch a machine on which nothing is wrong."""
    found = Scene(tmp_path)
    with closing(found.spool):
        yield found


def test_an_alert_goes_to_who_wants_it(scene: Scene) -> None:
    """Once, with the number of the incident; then it is done."""
    scene.turn()
    scene.flood()
    scene.turn()
    (delivery,) = scene.started
    trouble = delivery.parcel.message.trouble
    assert trouble is not None
    assert "incident I12" in trouble.to_whom
    assert delivery.parcel.host == "web1"
    delivery.outcome = Outcome()
    for _ in range(20):
        scene.turn()

    assert len(scene.started) == 1
    assert scene.asked == 1
    assert "ops was told (started incident:*:443 nginx)" in scene.said
    assert not scene.watch.busy


def test_one_that_hangs_holds_up_nobody(scene: Scene) -> None:
    """The others are told meanwhile, and looks go on."""
    scene.flood()
    scene.turn()
    scene.turn(700.0)
    boss = scene.started[-1]
    assert [each.parcel.message.event.value for each in scene.started] == ["started", "lasts"]
    boss.outcome = Outcome()
    scene.turn()
    assert "boss was told (lasts incident:*:443 nginx)" in scene.said
    # What is next for the one that hangs waits for its end.
    scene.started[0].outcome = Outcome("no answer in time")
    scene.turn(1.0)
    scene.turn(5.0)
    assert [each.parcel.message.event.value for each in scene.started] == [
        "started",
        "lasts",
        "started",
    ]


def test_what_is_acknowledged_is_not_escalated(scene: Scene) -> None:
    """The word comes through the spool, from another process."""
    scene.flood()
    scene.turn()
    scene.spool.acknowledge("incident:*:443 nginx")
    scene.turn(700.0)

    assert len(scene.started) == 1
    assert scene.watch.state.open["incident:*:443 nginx"].acknowledged


def test_one_that_is_killed_goes_on_where_it_was(scene: Scene) -> None:
    """The flood is not told as new; what was under way is tried again."""
    scene.flood()
    scene.turn()
    scene.watch.close()
    assert scene.started[0].killed
    scene.watch = scene.again()
    scene.turn()

    assert [each.parcel.message.event.value for each in scene.started] == ["started", "started"]
    assert [each.parcel.id for each in scene.started] == ["1", "1"]
    assert scene.said.count("started incident:*:443 nginx: to ops") == 1


def test_a_calm_day_writes_nothing(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk is not worn out by seconds in which nothing changes."""
    written: list[object] = []
    scene.turn()
    monkeypatch.setattr(scene.spool, "take", lambda *given: written.append(given))
    for _ in range(10):
        scene.turn()

    assert written == []


def test_a_disk_that_fails_stops_no_alert(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes on from memory, and says so once."""
    disk = scene.spool._db
    disk.execute("PRAGMA query_only = ON")
    scene.flood()
    scene.turn()
    scene.started[0].outcome = Outcome()
    scene.turn()
    scene.turn()

    assert len(scene.started) == 1
    (told,) = [line for line in scene.said if "from memory" in line]
    assert "readonly" in told
    monkeypatch.undo()


def test_a_spool_that_is_locked_is_tried_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An `ack` that takes its time is no reason to leave the disk."""
    scene.flood()

    def locked(*_: object) -> None:
        raise sqlite3.OperationalError("database is locked")

    with monkeypatch.context() as patch:
        patch.setattr(scene.spool, "take", locked)
        scene.turn()
    assert scene.started == []
    scene.turn()
    assert len(scene.started) == 1
    assert scene.spool.trouble == ""


def test_other_settings_are_taken_up(scene: Scene) -> None:
    """What waits for targets that are gone is given up."""
    scene.flood()
    scene.turn()
    scene.started[0].outcome = Outcome("refused")
    scene.turn()
    scene.watch.configure(AlertPolicy(), {"pager": TARGETS["pager"]})
    scene.turn(60.0)

    assert len(scene.started) == 1
    assert scene.spool.history(1)[0]["outcome"] == "given up: no such target"
