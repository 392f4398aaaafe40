"""What holds at present, as the record last heard it: bans, and incidents that are open."""

import heapq
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from floodwall.core.address import Network
from floodwall.core.decision import Act, Decision
from floodwall.core.model import SECOND_NS, Service
from floodwall.core.verdict import Verdict
from floodwall.store import bans, incidents
from floodwall.store.bans import Ban
from floodwall.store.incidents import OpenIncident
from floodwall.store.moment import Moment
from floodwall.store.statements import About, Statement, event

CLOSED = Act.CLOSE_INCIDENT.value
"""The event of an end."""

MACHINE = "this machine"
"""How the machine as a whole is called."""

RESUME_NS = 900 * SECOND_NS
"""An incident of an earlier run that nobody has resumed or closed within it was over before."""


@dataclass(slots=True)
class HeldBans:
    """Bans in force, by network."""

    by_network: dict[Network, Ban] = field(default_factory=dict)
    _due: list[tuple[int, str]] = field(default_factory=list)

    def put(self, *added: Ban) -> list[Statement]:
        """Hold bans from now on; one of the same network makes room."""
        for ban in added:
            self.by_network[ban.network] = ban
            if ban.until_ns:
                heapq.heappush(self._due, (ban.until_ns, str(ban.network)))
        return bans.put(*added)

    def end(self, at: Moment, network: Network, how: str) -> list[Statement]:
        """Hold the ban of a network no longer."""
        if self.by_network.pop(network, None) is None:
            return []
        return [bans.end(at, network, how)]

    def expire(self, at: Moment) -> list[Statement]:
        """Let go of bans whose time is over."""
        if not self._due or self._due[0][0] > at.ns:
            return []
        while self._due and self._due[0][0] <= at.ns:
            heapq.heappop(self._due)
        self.by_network = {
            network: ban
            for network, ban in self.by_network.items()
            if not 0 < ban.until_ns <= at.ns
        }
        return [bans.expire(at)]


@dataclass(slots=True)
class OpenIncidents:
    """Incidents that go on, by service; None is the machine as a whole."""

    going_on: dict[int | None, OpenIncident] = field(default_factory=dict)
    adrift: dict[str, OpenIncident] = field(default_factory=dict)
    """Those of an earlier run that were not seen again yet, by the name of the service."""

    def everything(self) -> Iterable[OpenIncident]:
        """Return those that are not closed."""
        return [*self.going_on.values(), *self.adrift.values()]

    def open(
        self, key: str, at: Moment, made: Decision, name: str, kind: str
    ) -> tuple[OpenIncident, bool]:
        """Open an incident, or go on with the one that is open; return whether it is new."""
        if known := self.going_on.get(made.service) or self.resume(made.service, name):
            return known, False
        incident = incidents.opened(key, at, made, name, kind)
        self.going_on[made.service] = incident
        return incident, True

    def resume(self, service: int | None, name: str) -> OpenIncident | None:
        """Go on with an incident of an earlier run, if there is one of this name."""
        incident = self.adrift.pop(name, None)
        if incident is not None:
            incident.service, incident.resumed = service, True
            self.going_on[service] = incident
        return incident

    def follow(
        self, verdicts: Mapping[int | None, Verdict], services: Mapping[int, Service]
    ) -> None:
        """Name each incident by the attack that it is now, and resume what is seen again."""
        for index, verdict in verdicts.items():
            if not verdict.kind.is_attack:
                continue
            incident = self.going_on.get(index) or self.resume(index, name_of(index, services))
            if incident is not None:
                incident.kind = verdict.kind.value

    def close(self, service: int | None, name: str, at: Moment, text: str) -> list[Statement]:
        """Close an incident, if one is open there."""
        incident = self.going_on.pop(service, None) or self.adrift.pop(name, None)
        return incidents.close(incident, at, text) if incident else []

    def end(self, at: Moment, text: str) -> list[Statement]:
        """Close all of them: nobody will look any more."""
        gone = list(self.everything())
        self.going_on, self.adrift = {}, {}
        return [
            statement
            for old in gone
            for statement in (
                *incidents.close(old, at, text),
                event(at, CLOSED, f"{old.name}: {text}", About(old.service, old.name, old.key)),
            )
        ]

    def abandon_old(self, at: Moment, loaded_ns: int) -> list[Statement]:
        """Close what was not seen again since the daemon came back."""
        if not self.adrift or at.ns - loaded_ns < RESUME_NS:
            return []
        gone, self.adrift = list(self.adrift.values()), {}
        text = "calm when Floodwall ran again"
        return [statement for old in gone for statement in incidents.close(old, at, text)]


def name_of(service: int | None, services: Mapping[int, Service]) -> str:
    """Return what an operator calls a service, or the machine as a whole."""
    if service is None:
        return MACHINE
    known = services.get(service)
    return known.name if known else ""
