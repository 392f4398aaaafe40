"""The account of what happens: each second as the statements that go to the record.

Law: nothing here does I/O.  What holds (bans, open incidents) is known here, so that the record
can be made right again after anything that it missed.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from itertools import pairwise

from floodwall.core.address import Network
from floodwall.core.commands import Ban, Command, Lift, RecordDecision, RestoreSysctl
from floodwall.core.decision import Act, Decision
from floodwall.core.model import Service
from floodwall.core.observation import Observation
from floodwall.core.verdict import Verdict
from floodwall.store import bans, incidents, statements
from floodwall.store.holding import HeldBans, OpenIncidents, name_of
from floodwall.store.incidents import OpenIncident
from floodwall.store.moment import Moment
from floodwall.store.restored import Restored
from floodwall.store.series import Glimpse, facts, glimpse
from floodwall.store.statements import About, Statement
from floodwall.store.told_verdicts import ToldVerdicts

LEAD_S = 30
"""Seconds before an incident that its series begins with."""

PROGRESS_EVERY = 10
"""What an incident came to is written every so many seconds of it."""

_UNDOES: dict[type[object], tuple[str, ...]] = {Lift: ("Ban",), RestoreSysctl: ("SetSysctl",)}


@dataclass(frozen=True, slots=True)
class Second:
    """What is to be written of one second."""

    at: Moment
    seen: Observation
    services: Mapping[int, Service]
    verdicts: Mapping[int | None, Verdict]
    commands: Sequence[Command]

    def name(self, service: int | None) -> str:
        """Return what an operator calls a service; nothing for the machine as a whole."""
        return name_of(service, self.services)


@dataclass(slots=True)
class Account:
    """Turns what happens into statements."""

    token: str
    """Begins every key: unique for a run."""
    series_rows: int
    loaded_ns: int
    held: HeldBans = field(default_factory=HeldBans)
    open: OpenIncidents = field(default_factory=OpenIncidents)
    _verdicts: ToldVerdicts = field(default_factory=ToldVerdicts)
    _past: deque[Glimpse] = field(default_factory=lambda: deque(maxlen=LEAD_S + 1))
    _orders: list[tuple[str, Command] | None] = field(default_factory=list)
    _replaced: dict[Network, bans.Ban] = field(default_factory=dict)
    _count: int = 0

    def load(self, found: Restored, at: Moment) -> list[Statement]:
        """Go on from what was on record; what was decided since goes before it."""
        known = self.held.by_network
        self.held.put(*(ban for ban in found.bans if ban.network not in known))
        self.open.adrift = {incident.name: incident for incident in found.incidents}
        how = "expired while Floodwall did not run"
        return [bans.end(at, network, how) for network in found.expired]

    def second(self, now: Second) -> list[Statement]:
        """Tell a second."""
        self._past.append(glimpse(now.at, now.seen))
        self.open.follow(now.verdicts, now.services)
        return [
            *self._opened(now),
            *self._told_verdicts(now),
            *self.orders(now.at, now.commands, now.services),
            *self._samples(now),
            *self._closed(now),
            *self.held.expire(now.at),
            *self.open.abandon_old(now.at, self.loaded_ns),
        ]

    def orders(
        self, at: Moment, commands: Sequence[Command], services: Mapping[int, Service]
    ) -> list[Statement]:
        """Tell the decisions behind commands, and what is about to be done for them."""
        self._orders, self._replaced = [None] * len(commands), {}
        written: list[Statement] = []
        for place, command in enumerate(commands):
            made = decision_of(command)
            if made is None:
                continue
            key, about = self._key(), self._about(made.service, services)
            written.append(statements.decision(at, key, made, about))
            written.append(statements.event(at, made.act.value, made.text, about, made.network))
            if not isinstance(command, RecordDecision):
                self._orders[place] = key, command
                written += self._action(at, key, command, made)
        return written

    def results(self, at: Moment, errors: Sequence[str]) -> list[Statement]:
        """Tell what became of the commands that were told last, in their order."""
        written: list[Statement] = []
        for order, error in zip(self._orders, errors, strict=False):
            if order is None:
                continue
            key, command = order
            written.append(statements.result(at, key, error or None))
            if error and isinstance(command, Ban):
                written += self.held.end(at, command.network, f"failed: {error}")
                if before := self._replaced.get(command.network):
                    written += self.held.put(before)
        self._orders, self._replaced = [], {}
        return written

    def hold(self, at: Moment, decisions: Iterable[Decision]) -> list[Statement]:
        """Take over bans that are in force and that the record knows nothing of."""
        written: list[Statement] = []
        for made in decisions:
            if made.network is None or made.network in self.held.by_network:
                continue
            ban = bans.ban_of(self._key(), at, made.network, made.until_ns, made)
            written.append(statements.decision(at, ban.key, made, About()))
            written += self.held.put(ban)
        return written

    def agreement(self, at: Moment) -> list[Statement]:
        """Make the record know what holds, and nothing else as holding."""
        return [
            *incidents.agree(at, self.open.everything()),
            *bans.agree(at, self.held.by_network.values()),
        ]

    def _opened(self, now: Second) -> list[Statement]:
        """Open incidents first: what is decided in the same second belongs to them."""
        written: list[Statement] = []
        for made in _decisions(now.commands, Act.OPEN_INCIDENT):
            verdict = now.verdicts.get(made.service)
            kind = verdict.kind.value if verdict else made.rule
            name = now.name(made.service)
            incident, new = self.open.open(self._key(), now.at, made, name, kind)
            if new:
                written.append(incidents.begin(incident))
                written += self._lead(incident, now)
        return written

    def _lead(self, incident: OpenIncident, now: Second) -> list[Statement]:
        """Begin a series with the seconds before it."""
        service = now.services.get(incident.service) if incident.service is not None else None
        written: list[Statement] = []
        glimpses = list(self._past)[:-1]
        for before, after in pairwise(glimpses):
            found = facts(after, before, service)
            written += incidents.sample(incident, after.at, found, self.series_rows, lead=True)
        return written

    def _samples(self, now: Second) -> list[Statement]:
        if len(self._past) < 2:
            return []
        written: list[Statement] = []
        for index, incident in self.open.going_on.items():
            service = now.services.get(index) if index is not None else None
            found = facts(self._past[-1], self._past[-2], service, now.verdicts.get(index))
            written += incidents.sample(incident, now.at, found, self.series_rows)
            if incident.tick(now.at.ns) % PROGRESS_EVERY == 0:
                written.append(incidents.progress(incident))
        return written

    def _told_verdicts(self, now: Second) -> list[Statement]:
        written: list[Statement] = []
        for told in self._verdicts.news(now.at.ns, now.verdicts):
            found = told.verdict
            about = self._about(found.service, now.services)
            written.append(statements.verdict(now.at, found, about))
            if told.changed:
                text = f"{about.name}: {found.kind.value}, {found.confidence:.0%} sure"
                written.append(statements.event(now.at, "verdict", text, about))
        return written

    def _closed(self, now: Second) -> list[Statement]:
        return [
            statement
            for made in _decisions(now.commands, Act.CLOSE_INCIDENT)
            for statement in self.open.close(
                made.service, now.name(made.service), now.at, made.text
            )
        ]

    def _action(self, at: Moment, key: str, command: Command, made: Decision) -> list[Statement]:
        details = {
            each.name: getattr(command, each.name)
            for each in fields(command)
            if each.name != "decision"
        }
        subject = str(details.get("network", details.get("name", made.subject)))
        written = [statements.action(at, key, type(command).__name__, subject, details)]
        if undone := _UNDOES.get(type(command)):
            written.append(statements.undo(key, undone, subject))
        if isinstance(command, Ban):
            if before := self.held.by_network.get(command.network):
                self._replaced[command.network] = before
            ban = bans.ban_of(key, at, command.network, command.until_ns, made)
            written += self.held.put(ban)
        elif isinstance(command, Lift):
            written += self.held.end(at, command.network, f"lifted: {made.text}")
        return written

    def _about(self, service: int | None, services: Mapping[int, Service]) -> About:
        incident = self.open.going_on.get(service)
        return About(service, name_of(service, services), incident.key if incident else None)

    def _key(self) -> str:
        self._count += 1
        return f"{self.token}.{self._count}"


def decision_of(command: Command) -> Decision | None:
    """Return the decision that a command belongs to, if it carries one."""
    made = getattr(command, "decision", None)
    return made if isinstance(made, Decision) else None


def _decisions(commands: Iterable[Command], act: Act) -> list[Decision]:
    made = (decision_of(command) for command in commands)
    return [each for each in made if each is not None and each.act is act]
