"""What can be asked about settings: what would change, apply, try, confirm, take back."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from floodwall.app.changes import Changes, Saved
from floodwall.app.defence import wanted_interfaces
from floodwall.app.desk import Nothing, Verb
from floodwall.app.peer import Peer, Role
from floodwall.core.difference import differences, preview
from floodwall.core.errors import ConfigError
from floodwall.core.model import SECOND_NS
from floodwall.core.observation import Observation
from floodwall.core.protocol import LARGEST_BYTES
from floodwall.core.settings import Settings
from floodwall.core.state import State

LINES_MAX = 200
"""Of a long answer so many lines are told; how many more there are is the last one."""

_LINE_MAX = 300
_ORIGIN_MAX = 4096


@dataclass(frozen=True, slots=True)
class Text:
    """A settings file: what it says, and where it was read."""

    text: str
    origin: str


@dataclass(frozen=True, slots=True)
class Trial:
    """A settings file, and when it is taken back unless confirmed: CLOCK_MONOTONIC."""

    text: str
    origin: str
    deadline_ns: int


class Subject(Protocol):
    """What the settings are of."""

    state: State
    seen: Observation

    @property
    def names(self) -> Iterable[str]:
        """Return the interfaces that are protected."""


class SettingsDesk:
    """Answers what is asked about settings."""

    def __init__(self, changes: Changes, subject: Subject, clock: Callable[[], int]) -> None:
        self._changes = changes
        self._subject = subject
        self._clock = clock

    def verbs(self) -> dict[str, Verb]:
        """Return the verbs of this desk."""
        return {
            "settings": Verb(Role.VIEW, Nothing, self._settings),
            "trial": Verb(Role.VIEW, Nothing, self._trial),
            "plan": Verb(Role.OPERATE, Text, self._plan),
            "apply": Verb(Role.OPERATE, Text, self._apply),
            "try": Verb(Role.OPERATE, Trial, self._try),
            "confirm": Verb(Role.OPERATE, Nothing, self._confirm),
            "reject": Verb(Role.OPERATE, Nothing, self._reject),
        }

    def _settings(self, peer: Peer, _: Nothing) -> Mapping[str, Any]:
        """Tell what holds; what the file says beside it, as comments do, only to operators."""
        text, origin = self._changes.holding
        holds = self._subject.state.settings.model_dump(mode="json")
        whole = {"origin": origin, "holds": holds, "text": None}
        room = LARGEST_BYTES - 2048 - len(json.dumps(whole))
        if peer.role is Role.OPERATE and len(json.dumps(text)) <= room:
            whole["text"] = text
        return whole

    def _plan(self, _: Peer, asked: Text) -> Mapping[str, Any]:
        return self._difference(self._changes.settle(asked.text, _named(asked.origin)))

    def _apply(self, peer: Peer, asked: Text) -> Mapping[str, Any]:
        told = self._plan(peer, asked)
        saved = self._changes.apply(asked.text, asked.origin, peer.who)
        return {**told, **_saved(saved)}

    def _try(self, peer: Peer, asked: Trial) -> Mapping[str, Any]:
        told = self._plan(peer, Text(asked.text, asked.origin))
        self._changes.try_out(asked.text, asked.origin, asked.deadline_ns, peer.who)
        return told

    def _trial(self, _: Peer, __: Nothing) -> Mapping[str, Any]:
        trial = self._changes.trial
        if trial is None:
            return {"trial": None}
        left_s = (trial.deadline_ns - self._clock()) / SECOND_NS
        return {"trial": {"origin": trial.origin, "left_s": left_s, "who": trial.who}}

    def _confirm(self, peer: Peer, _: Nothing) -> Mapping[str, Any]:
        trial = self._changes.trial
        saved = self._changes.confirm(peer.who)
        return {"text": trial.text if trial and saved.trouble else "", **_saved(saved)}

    def _reject(self, peer: Peer, _: Nothing) -> Mapping[str, Any]:
        self._changes.take_back(f"says {peer.who}", peer.who)
        return {}

    def _difference(self, settings: Settings) -> Mapping[str, Any]:
        subject = self._subject
        now, wanted = set(subject.names), set(wanted_interfaces(settings))
        effects = [
            *(f"attach to {name}" for name in sorted(wanted - now)),
            *(f"detach from {name}" for name in sorted(now - wanted)),
            *preview(subject.state, settings, subject.seen),
        ]
        return {
            "settings": _cut(list(differences(subject.state.settings, settings))),
            "effects": _cut(effects),
        }


def _named(origin: str) -> str:
    if not origin.isprintable() or not 0 < len(origin) <= _ORIGIN_MAX:
        raise ConfigError("a settings file has a printable name")
    return origin


def _saved(saved: Saved) -> Mapping[str, Any]:
    return {"file": saved.file, "trouble": saved.trouble}


def _cut(lines: list[str]) -> list[str]:
    """Return what fits into an answer, and say how much does not."""
    more = [f"and {len(lines) - LINES_MAX} more"] if len(lines) > LINES_MAX else []
    return [
        line if len(line) <= _LINE_MAX else f"{line[:_LINE_MAX]}..." for line in lines[:LINES_MAX]
    ] + more
