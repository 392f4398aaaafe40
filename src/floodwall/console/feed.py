"""The one source of every screen: what the daemon says, asked once a second.

Law: it never pretends.  Where no daemon answers, the last thing that was known is kept, and marked
as stale since the moment of its observation.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

import msgspec

from floodwall.app.client import Client, merged
from floodwall.core.errors import FloodwallError
from floodwall.core.live import Live, LiveMachine, LiveService

PATIENCE_S = 3.0
"""A daemon that does not answer for so long is called stale meanwhile."""

HISTORY_S = 600
"""So many seconds are kept for charts."""

HISTORY_SERVICES = 64
"""Of so many services."""


class Link(StrEnum):
    """What is known of the daemon."""

    NEVER = "never"
    """It has not answered since this screen began."""
    LIVE = "live"
    STALE = "stale"
    """It has answered, and does not any more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How the defence itself is, as app/desk_live.py tells it."""

    pid: int = 0
    program: str = ""
    uptime_s: float = 0.0
    lease_s: float = 0.0
    rung: str = ""
    interfaces: tuple[Mapping[str, Any], ...] = ()
    bans: int = 0
    never_ban: int = 0
    trouble: str = ""
    trial: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """How far the defence can be relied upon, and every reason why not wholly."""

    good: bool = True
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that a screen shows, of one moment."""

    link: Link = Link.NEVER
    at_wall_s: float = 0.0
    """When this snapshot was made, seconds since 1970 UTC."""
    since_wall_s: float | None = None
    """When the daemon was last heard of; None if never."""
    error: str = ""
    """Why the daemon cannot be heard."""
    hint: str = ""
    role: str = "none"
    """What the daemon lets this process do: `view` or `operate`."""
    verbs: frozenset[str] = frozenset()
    """What this process may ask it for."""
    standing: Standing = field(default_factory=Standing)
    live: Live | None = None
    health: Health = field(default_factory=lambda: Health(good=False))

    @property
    def services(self) -> tuple[LiveService, ...]:
        """Return the services, the most troubled first."""
        return self.live.services if self.live else ()

    @property
    def machine(self) -> LiveMachine:
        """Return the machine as a whole."""
        return self.live.machine if self.live else LiveMachine()


def health_of(snapshot: Snapshot) -> Health:
    """Collect what keeps the defence from being whole; pure."""
    standing, live = snapshot.standing, snapshot.live
    reasons = []
    if snapshot.link is not Link.LIVE:
        reasons.append(snapshot.error or "the daemon has not answered yet")
    elif live is None:
        reasons.append("the daemon has not looked yet")
    if standing.trouble:
        reasons.append(standing.trouble)
    if live is not None:
        reasons += [f"cannot see {sensor}: {why}" for sensor, why in sorted(live.blind.items())]
        if not live.counted:
            reasons.append(f"nothing counts or challenges SYNs on the rung {standing.rung}")
        elif snapshot.link is Link.LIVE and standing.lease_s <= 0:
            reasons.append("the lease has run out: everything passes")
    return Health(not reasons, tuple(reasons))


class Feed:
    """Asks the daemon; the connection is kept, and made again after it broke."""

    def __init__(
        self,
        connect: Callable[[], Client] = lambda: Client(patience_s=PATIENCE_S),
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Take what connects to the daemon, and the wall clock."""
        self._connect = connect
        self._clock = clock
        self._client: Client | None = None
        self._last = Snapshot()

    @property
    def last(self) -> Snapshot:
        """Return what was known when it was last asked."""
        return self._last

    def poll(self) -> Snapshot:
        """Ask now, and return what is known; never raises for a daemon that is gone or odd."""
        now_s = self._clock()
        try:
            fresh = self._ask(now_s)
        except (FloodwallError, msgspec.ValidationError) as error:
            self.close()
            fresh = self._silent(error, now_s)
        self._last = replace(fresh, health=health_of(fresh))
        return self._last

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _ask(self, now_s: float) -> Snapshot:
        known = self._last
        if self._client is None:
            self._client = self._connect()
            hello = self._client.ask("hello")
            verbs = frozenset(str(verb) for verb in hello.get("verbs", ()))
            known = replace(known, role=str(hello.get("role", "none")), verbs=verbs)
        # Each page may be of another second: what stands around the services is the first one's.
        answer = merged(self._client.pages("live", "services"), "services")
        standing = msgspec.convert(answer.pop("standing"), Standing)
        live = msgspec.convert(answer, Live) if "at_ns" in answer else None
        return replace(
            known,
            link=Link.LIVE,
            at_wall_s=now_s,
            since_wall_s=now_s,
            error="",
            hint="",
            standing=standing,
            live=live,
        )

    def _silent(self, error: Exception, now_s: float) -> Snapshot:
        heard = self._last.since_wall_s is not None
        message = error.message if isinstance(error, FloodwallError) else f"not understood: {error}"
        return replace(
            self._last,
            link=Link.STALE if heard else Link.NEVER,
            at_wall_s=now_s,
            error=message,
            hint=error.hint if isinstance(error, FloodwallError) else "",
        )


@dataclass(frozen=True, slots=True)
class Point:
    """One second of one service or of the machine, as a chart draws it."""

    wall_s: float
    values: Mapping[str, float | None]


class History:
    """The last minutes of each service, bounded in seconds and in services."""

    def __init__(self, seconds: int = HISTORY_S, services: int = HISTORY_SERVICES) -> None:
        self._seconds = seconds
        self._services = services
        self._rings: dict[str, deque[Point]] = {}

    def take(self, snapshot: Snapshot) -> None:
        """Take in a second; a stale one leaves a gap."""
        if snapshot.link is not Link.LIVE or snapshot.live is None:
            return
        self._add("", snapshot.at_wall_s, machine_values(snapshot.machine))
        for service in snapshot.services:
            self._add(service.name, snapshot.at_wall_s, service_values(service))

    def of(self, name: str) -> tuple[Point, ...]:
        """Return the seconds of a service; of the machine under the empty name."""
        return tuple(self._rings.get(name, ()))

    def _add(self, name: str, wall_s: float, values: Mapping[str, float | None]) -> None:
        ring = self._rings.get(name)
        if ring is None:
            if len(self._rings) > self._services and not self._make_room(wall_s):
                return
            ring = self._rings[name] = deque(maxlen=self._seconds)
        ring.append(Point(wall_s, values))

    def _make_room(self, wall_s: float) -> bool:
        """Forget the service that was not heard of for the longest time; return whether one was."""
        oldest = min(
            (name for name in self._rings if name), key=lambda n: self._rings[n][-1].wall_s
        )
        if self._rings[oldest][-1].wall_s >= wall_s:
            return False
        del self._rings[oldest]
        return True


def service_values(service: LiveService) -> dict[str, float | None]:
    """Return what a chart of a service draws."""
    canary = service.canary
    values: dict[str, float | None] = dict(service.rates)
    values["fill"] = service.pending
    values["half_open"] = service.half_open
    values["canary_ms"] = canary.took_ms if canary else None
    values["canary_ok"] = None if canary is None else float(canary.connected)
    values["armed"] = float(service.armed_for_s is not None)
    return values


def machine_values(machine: LiveMachine) -> dict[str, float | None]:
    """Return what a chart of the machine draws."""
    dropped = [rate for name, rate in machine.reasons.items() if name.startswith("drop_")]
    return {
        "busy": machine.busy,
        "softirq": machine.softirq,
        "received_bit_s": machine.received_bit_s,
        "sent_bit_s": machine.sent_bit_s,
        "dropped": sum(dropped),
    }
