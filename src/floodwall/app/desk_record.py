"""What can be asked about the past: incidents, and why something is as it is.

The command line reads the record itself and needs no daemon; this is for peers that may not, such
as viewers.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from typing import Any

from floodwall.app.desk import Verb
from floodwall.app.desk_bans import From
from floodwall.app.peer import Peer, Role
from floodwall.app.why import explain, understand
from floodwall.core.address import Network
from floodwall.core.model import Guard
from floodwall.core.protocol import page
from floodwall.store.history import History

INCIDENTS_MAX = 500
"""The newest so many can be listed."""


@dataclass(frozen=True, slots=True)
class About:
    """An address, a network, a port or an incident."""

    subject: str


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
            "incidents": Verb(Role.VIEW, From, self._incidents),
            "why": Verb(Role.VIEW, About, self._why),
        }

    def _incidents(self, _: Peer, asked: From) -> Mapping[str, Any]:
        with self._past() as history:
            found = history.incidents(INCIDENTS_MAX)
        rows, more = page((asdict(row) for row in found), asked.begin)
        return {"rows": rows, "next": more}

    def _why(self, _: Peer, asked: About) -> Mapping[str, Any]:
        question, present = understand(asked.subject), self._present()
        with self._past() as history:
            return explain(question, history, present.guards, present.services).as_json()
