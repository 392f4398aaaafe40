"""What the daemon keeps so that a screen can show this second: the one before, and a minute.

Law: bounded, and nothing is worked out unless somebody looks.
"""

from collections import deque
from collections.abc import Iterable

from floodwall.core.commands import Command
from floodwall.core.decision import Act, Decision
from floodwall.core.live import Live
from floodwall.core.live_look import Look, describe
from floodwall.core.observation import Observation
from floodwall.core.signs import Canary
from floodwall.core.state import State

MOVES = frozenset({Act.ARM, Act.CALM, Act.BAN, Act.WOULD_BAN})
"""What brings a service to a rung, or down from it; other acts say nothing of why it is there."""

TRIES = 60
"""Handshakes of our own that are kept of each service: those of a minute."""


class Liveness:
    """Remembers two observations, the canaries of a minute and the last decisions."""

    def __init__(self) -> None:
        self._state: State | None = None
        self._seen: Observation | None = None
        self._before: Observation | None = None
        self._canaries: dict[int, deque[Canary]] = {}
        self._reasons: dict[int, Decision] = {}
        self._live: Live | None = None

    def take(self, state: State, seen: Observation, commands: Iterable[Command]) -> None:
        """Take in a second."""
        self._state, self._before, self._seen = state, self._seen, seen
        self._live = None
        there = {service.index for service in state.table.services}
        for canary in seen.signs.canaries or ():
            if canary.index in there:
                kept = self._canaries.setdefault(canary.index, deque(maxlen=TRIES))
                kept.append(canary)
        for index in self._canaries.keys() - there:
            del self._canaries[index]
        for command in commands:
            self.note(command)
        for index in self._reasons.keys() - there:
            del self._reasons[index]

    def note(self, command: Command) -> None:
        """Remember the decision behind a command, if it moves a service on the ladder."""
        made = getattr(command, "decision", None)
        if isinstance(made, Decision) and made.service is not None and made.act in MOVES:
            self._reasons[made.service] = made
            self._live = None

    def look(self) -> Live | None:
        """Return this second; None before the first one."""
        if self._live is None and self._state is not None and self._seen is not None:
            canaries = {index: tuple(kept) for index, kept in self._canaries.items()}
            look = Look(self._state, self._seen, self._before, canaries, self._reasons)
            self._live = describe(look)
        return self._live
