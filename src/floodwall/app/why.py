"""Why something is as it is: which decision, on what evidence, by which rule, until when."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from floodwall.core.address import Network, parse_network
from floodwall.core.errors import ConfigError
from floodwall.core.model import Guard
from floodwall.core.networks import NetworkSet
from floodwall.store.history import History
from floodwall.store.rows import BanRow, DecisionRow, IncidentRow, VerdictRow

EVERYTHING = 100
"""So many decisions and verdicts are told at most; the newest ones."""

_INCIDENT = re.compile(r"(?:I|#|incident[ -]?)(\d{1,18})", re.IGNORECASE)
_PORT = re.compile(r"(?:\*?:)?(\d{1,5})(?:/tcp)?", re.IGNORECASE)


class Topic(StrEnum):
    """What can be asked about."""

    NETWORK = "network"
    PORT = "port"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about."""

    topic: Topic
    text: str
    """Like `203.0.113.9/32`, `:80` or `I12`."""
    number: int = 0
    """Of a port or an incident."""
    network: Network | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Everything on record about it, the newest first."""

    topic: str
    subject: str
    finding: bool
    """Something is held against it now: a ban, an attack."""
    guard: str = ""
    """Why it must never be banned, if so."""
    bans: Sequence[BanRow] = ()
    incidents: Sequence[IncidentRow] = ()
    verdicts: Sequence[VerdictRow] = ()
    decisions: Sequence[DecisionRow] = ()
    services: Sequence[Mapping[str, Any]] = ()
    """What the daemon says about the services of a port now."""

    @property
    def empty(self) -> bool:
        """Tell whether nothing is known at all."""
        return not (self.guard or self.bans or self.incidents or self.verdicts or self.decisions)

    def as_json(self) -> dict[str, Any]:
        """Return the answer as JSON takes it."""
        return asdict(self)


def understand(text: str) -> Question:
    """Read what the operator asks about: an address or network, a port, or an incident."""
    asked = text.strip()
    if found := _INCIDENT.fullmatch(asked):
        return Question(Topic.INCIDENT, f"I{int(found[1])}", int(found[1]))
    if found := _PORT.fullmatch(asked):
        port = int(found[1])
        if not 0 < port < 65536:
            raise ConfigError(f"{port} is not a TCP port", hint="ports are 1 to 65535")
        return Question(Topic.PORT, f":{port}", port)
    try:
        network = parse_network(asked)
    except ConfigError as error:
        raise ConfigError(
            f"{text!r} is no address, port or incident",
            hint="write 192.0.2.1, 192.0.2.0/24, 443 or I12",
        ) from error
    return Question(Topic.NETWORK, str(network), network=network)


def explain(
    question: Question,
    history: History,
    guards: Mapping[Network, Guard],
    services: Sequence[Mapping[str, Any]] = (),
) -> Answer:
    """Answer from the record, the never-ban set and the services as they are now."""
    if question.topic is Topic.INCIDENT:
        return _of_incident(question, history)
    if question.topic is Topic.PORT:
        return _of_port(question, history, services)
    return _of_network(question, history, guards)


def _of_network(question: Question, history: History, guards: Mapping[Network, Guard]) -> Answer:
    network = question.network
    if network is None:
        raise ConfigError(f"{question.text} is no network")
    bans = history.bans(network, EVERYTHING)
    decisions = history.decisions(network=network, limit=EVERYTHING)
    known = {row.id for row in decisions}
    # A ban may be older than the newest hundred decisions.
    more = {ban.decision for ban in bans if ban.decision is not None and ban.ended is None} - known
    found = (history.decision(number) for number in sorted(more))
    touched = NetworkSet(guards).touching(network)
    return Answer(
        topic=question.topic,
        subject=question.text,
        finding=any(ban.ended is None for ban in bans),
        guard=guards[touched].value if touched is not None else "",
        bans=bans,
        decisions=[*decisions, *(row for row in found if row is not None)],
    )


def _of_port(question: Question, history: History, services: Sequence[Mapping[str, Any]]) -> Answer:
    ends = question.text
    incidents = history.incidents(EVERYTHING, name_ends=ends)
    here = [each for each in services if _listens_on(str(each.get("name", "")), question.number)]
    return Answer(
        topic=question.topic,
        subject=question.text,
        finding=any(row.closed is None for row in incidents)
        or any(each.get("armed_for_s") is not None for each in here),
        incidents=incidents,
        verdicts=history.verdicts(name_ends=ends, limit=EVERYTHING),
        decisions=history.decisions(name_ends=ends, limit=EVERYTHING),
        services=here,
    )


def _of_incident(question: Question, history: History) -> Answer:
    incident = history.incident(question.number)
    if incident is None:
        raise ConfigError(
            f"there is no incident {question.text} on record",
            hint="'floodwall incidents' lists them",
        )
    return Answer(
        topic=question.topic,
        subject=question.text,
        finding=incident.closed is None,
        incidents=[incident],
        verdicts=history.verdicts(incident=question.number, limit=EVERYTHING),
        decisions=history.decisions(incident=question.number, limit=EVERYTHING),
    )


def _listens_on(name: str, port: int) -> bool:
    return name.split(" ", 1)[0].endswith(f":{port}")
