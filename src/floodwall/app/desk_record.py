"""What can be asked about the past: incidents, and why something is as it is.

The command line reads the record itself and needs no daemon; this is for peers that may not, such
as viewers.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from floodwall.app.desk import Verb
from floodwall.app.peer import Peer, Role
from floodwall.app.why import explain, understand
from floodwall.core.address import Network
from floodwall.core.errors import ConfigError
from floodwall.core.model import Guard
from floodwall.core.protocol import page
from floodwall.store.history import History
from floodwall.store.rows import IncidentRow, SampleRow

INCIDENTS_MAX = 500
"""The newest so many can be listed."""

EVENTS_MAX = 500
"""So many are told at once."""

ROWS_MAX = 400
"""So many verdicts, decisions or events of one incident, the newest."""

SAMPLES_MAX = 600
"""So many samples of its series; of a longer one, the highest of each stretch."""


@dataclass(frozen=True, slots=True)
class About:
    """An address, a network, a port or an incident."""

    subject: str


@dataclass(frozen=True, slots=True)
class Newest:
    """The row at which a page begins, of the newest so many."""

    begin: int = 0
    limit: int = INCIDENTS_MAX


@dataclass(frozen=True, slots=True)
class Behind:
    """Events behind a number, oldest first; without one, the newest."""

    after: int | None = None
    limit: int = 200


class Part(StrEnum):
    """What is on record about an incident."""

    VERDICTS = "verdicts"
    DECISIONS = "decisions"
    EVENTS = "events"
    SERIES = "series"


@dataclass(frozen=True, slots=True)
class PartOf:
    """A page of a part of an incident."""

    id: int
    part: Part
    begin: int = 0


@dataclass(frozen=True, slots=True)
class Present:
    """What holds now, as far as it explains something."""

    guards: Mapping[Network, Guard]
    services: Sequence[Mapping[str, Any]]


class RecordDesk:
    """Answers from the record, read for each question anew."""

    def __init__(
        self,
        past: Callable[[], AbstractContextManager[History]],
        present: Callable[[], Present],
    ) -> None:
        self._past = past
        self._present = present

    def verbs(self) -> dict[str, Verb]:
        """Return the verbs of this desk."""
        return {
            "incidents": Verb(Role.VIEW, Newest, self._incidents),
            "incident": Verb(Role.VIEW, PartOf, self._incident),
            "events": Verb(Role.VIEW, Behind, self._events),
            "why": Verb(Role.VIEW, About, self._why),
        }

    def _incidents(self, _: Peer, asked: Newest) -> Mapping[str, Any]:
        with self._past() as history:
            found = history.incidents(_between(asked.limit, INCIDENTS_MAX))
        rows, more = page((asdict(row) for row in found), asked.begin)
        return {"rows": rows, "next": more}

    def _incident(self, _: Peer, asked: PartOf) -> Mapping[str, Any]:
        with self._past() as history:
            incident = history.incident(asked.id)
            if incident is None:
                raise ConfigError(
                    f"there is no incident I{asked.id} on record",
                    hint="'floodwall incidents' lists them",
                )
            found = _part(history, incident, asked.part)
        about = asdict(incident)
        used_bytes = len(json.dumps(about))
        rows, more = page((asdict(row) for row in found), asked.begin, used_bytes)
        return {"incident": about, "rows": rows, "next": more}

    def _events(self, _: Peer, asked: Behind) -> Mapping[str, Any]:
        limit = _between(asked.limit, EVENTS_MAX)
        with self._past() as history:
            if asked.after is not None:
                rows, _more = page(map(asdict, history.events(asked.after, limit)), 0)
                return {"rows": rows}
            newest = reversed(history.last_events(limit))
        # Where not all fit, the oldest are left out.
        rows, _more = page(map(asdict, newest), 0)
        return {"rows": rows[::-1]}

    def _why(self, _: Peer, asked: About) -> Mapping[str, Any]:
        question, present = understand(asked.subject), self._present()
        with self._past() as history:
            return explain(question, history, present.guards, present.services).as_json()


def thinned(series: Sequence[SampleRow], most: int = SAMPLES_MAX) -> list[SampleRow]:
    """Keep of each stretch the sample with the most SYNs, so that no peak is lost."""
    stretch = -(-len(series) // most)
    parts = [series[begin : begin + stretch] for begin in range(0, len(series), max(stretch, 1))]
    return [max(part, key=lambda each: each.facts.get("syns", 0)) for part in parts]


def _part(history: History, incident: IncidentRow, part: Part) -> Sequence[Any]:
    match part:
        case Part.VERDICTS:
            return history.verdicts(incident=incident.id, limit=ROWS_MAX)
        case Part.DECISIONS:
            return history.decisions(incident=incident.id, limit=ROWS_MAX)
        case Part.EVENTS:
            return history.last_events(ROWS_MAX, incident.id)
    return thinned(history.series(incident.id))


def _between(asked: int, most: int) -> int:
    return min(max(asked, 1), most)
