"""The watch over the daemon: looks, decides, queues, delivers; once a second.

Law: no delivery holds up a look, and what is decided is on disk before anybody is told.
"""

import sqlite3
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from floodwall.alerts.delivery import Delivery, Outcome, Parcel
from floodwall.alerts.sighting import sighting_of
from floodwall.alerts.spool import Spool, SpoolError, Waiting
from floodwall.console.feed import Link, Snapshot
from floodwall.core.alert_targets import Target
from floodwall.core.alerting import AlertState, Message, acknowledge, decide_alerts
from floodwall.core.settings_alerts import AlertPolicy

AT_ONCE_MAX = 4
"""Deliveries under way at a time, one for each target."""

_ASK_AGAIN_S = 5.0


@dataclass(frozen=True, slots=True)
class Means:
    """What the watch uses of the world; a test brings its own."""

    poll: Callable[[], Snapshot]
    """Ask the daemon now."""
    numbers: Callable[[], Mapping[str, int]]
    """Return the numbers of open incidents by service."""
    say: Callable[[str], None]
    host: str
    deliver: Callable[[Target, Parcel], Delivery] = Delivery
    wall: Callable[[], float] = time.time


class Watch:
    """Everything between two looks."""

    def __init__(
        self, policy: AlertPolicy, targets: Mapping[str, Target], spool: Spool, means: Means
    ) -> None:
        self._policy = policy
        self._targets = targets
        self._spool = spool
        self._means = means
        self._state = spool.state()
        self._saved = self._state
        self._began_s = means.wall()
        self._under_way: dict[str, tuple[Waiting, Delivery]] = {}
        self._numbers: Mapping[str, int] = {}
        self._asked_s = 0.0
        self._trouble = ""

    def configure(self, policy: AlertPolicy, targets: Mapping[str, Target]) -> None:
        """Go on with other settings; what waits for targets that are gone is given up."""
        self._policy, self._targets = policy, targets
        self._guarded(lambda: self._spool.drop_unknown(list(targets), self._means.wall()))

    def turn(self) -> None:
        """Look once, and carry what is due one step further."""
        snapshot = self._means.poll()
        self._guarded(lambda: self._decide(snapshot))
        self._guarded(self._reap)
        self._guarded(self._send)
        if self._spool.trouble != self._trouble:
            self._trouble = self._spool.trouble
            self._means.say(self._trouble)

    @property
    def busy(self) -> bool:
        """Tell whether a delivery is under way."""
        return bool(self._under_way)

    @property
    def state(self) -> AlertState:
        """Return what is remembered."""
        return self._state

    def close(self) -> None:
        """End what is under way: it stays in the queue, and is told by the next one that runs."""
        for _, delivery in self._under_way.values():
            delivery.kill()
        self._under_way.clear()

    def _decide(self, snapshot: Snapshot) -> None:
        now_s = snapshot.at_wall_s
        minute = datetime.fromtimestamp(now_s).astimezone()
        seen = sighting_of(
            snapshot, 60 * minute.hour + minute.minute, self._began_s, self._known(snapshot)
        )
        before = acknowledge(self._state, self._spool.acks())
        after, messages = decide_alerts(before, seen, self._policy)
        told = [(name, each) for each in messages for name in self._wanting(each)]
        # `sent` runs off by itself; writing it down every second would wear out a disk.
        if told or replace(after, sent=0.0, sent_s=0.0) != replace(
            self._saved, sent=0.0, sent_s=0.0
        ):
            self._spool.take(after, told, now_s)
            self._saved = after
        self._state = after
        for message in messages:
            names = self._wanting(message)
            to = ", ".join(names) if names else "nobody: no target wants it"
            self._means.say(f"{message.event.value} {message.key}: to {to}")

    def _wanting(self, message: Message) -> list[str]:
        return [name for name, target in self._targets.items() if target.wants(message)]

    def _known(self, snapshot: Snapshot) -> Mapping[str, int]:
        """Ask for the numbers of incidents only when there is one without."""
        live = snapshot.live
        if live is None or snapshot.link is not Link.LIVE or not live.incidents:
            self._numbers = {}
            return self._numbers
        missing = any(each.service not in self._numbers for each in live.incidents)
        if missing and not 0 <= snapshot.at_wall_s - self._asked_s < _ASK_AGAIN_S:
            self._asked_s = snapshot.at_wall_s
            self._numbers = self._means.numbers()
        return self._numbers

    def _reap(self) -> None:
        for name, (waiting, delivery) in list(self._under_way.items()):
            outcome = delivery.poll()
            if outcome is not None:
                del self._under_way[name]
                self._finished(waiting, outcome)

    def _finished(self, waiting: Waiting, outcome: Outcome) -> None:
        self._spool.done(waiting, outcome.why, self._means.wall())
        how = "was told" if outcome.arrived else f"could not be told: {outcome.why}"
        self._means.say(f"{waiting.target} {how} ({waiting.message.event} {waiting.message.key})")

    def _send(self) -> None:
        now_s = self._means.wall()
        for waiting in self._spool.due(now_s, frozenset(self._under_way)):
            target = self._targets.get(waiting.target)
            if target is None:
                self._spool.drop_unknown(list(self._targets), now_s)
                return
            if len(self._under_way) >= AT_ONCE_MAX:
                return
            parcel = Parcel(f"{waiting.id}", waiting.message, self._means.host)
            self._under_way[waiting.target] = (waiting, self._means.deliver(target, parcel))

    def _guarded(self, step: Callable[[], None]) -> None:
        """Take a step; where the disk refuses, leave it and take the step again."""
        try:
            step()
        except (SpoolError, sqlite3.Error) as error:
            if "locked" in str(error):
                return  # by an `ack` that takes its time; the next second is soon enough
            self._spool.go_on_from_memory(str(error))
            step()
