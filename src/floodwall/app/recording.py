"""The daemon's record: what it finds there at its start, and what it tells in every second."""

import json
import os
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from floodwall import __version__
from floodwall.act.perform import Outcome
from floodwall.core.address import Network
from floodwall.core.classify.classifier import Classifier
from floodwall.core.commands import Ban, Command
from floodwall.core.decision import Act, Decision
from floodwall.core.errors import ConfigError
from floodwall.core.model import SECOND_NS, Service
from floodwall.core.observation import Observation
from floodwall.core.response import Incident
from floodwall.core.settings_record import RecordPolicy
from floodwall.core.state import State
from floodwall.core.verdict import Kind
from floodwall.store.moment import Anchor, Moment, boot_id
from floodwall.store.place import directory_of, point_to
from floodwall.store.recorder import Recorder
from floodwall.store.recordfile import Run
from floodwall.store.restored import Restored
from floodwall.store.words import Words

END_WAIT_S = 0.3
"""So long an end waits for the disk: `floodwall off` as a whole takes a second."""

LOAD_WAIT_S = 1.5
"""So long a start waits for what is on record; the rest is taken up when it is read."""

AT_ONCE = 1000
"""Bans that are put back in one second."""

LEARNED_EVERY_NS = 60 * SECOND_NS
"""What was learned of each service is written so often, and when the daemon ends."""

_LEARNED = "classifier"
_FOUND = "found"  # the rule of a ban of which nothing else is known


class Recording:
    """Keeps the record of one network namespace."""

    def __init__(self, run: Path, policy: RecordPolicy, now_ns: int) -> None:
        """Begin a run of the record; what goes on from before is read by `proceed`."""
        self._run = run
        self._policy = policy
        self._directory = directory_of(run, policy.directory)
        self._recorder = Recorder(self._directory, policy, _run_of(now_ns), _ahead)
        self._found: Restored | None = None
        self._waiting: deque[Ban] = deque()
        self._put_back = 0
        self._began = False
        self._off = False
        self._learned_ns = now_ns

    @property
    def settled(self) -> bool:
        """Tell whether everything on record is known and in force again."""
        return self._found is not None and not self._waiting

    def proceed(
        self,
        state: State,
        holding: Mapping[Network, int],
        perform: Callable[[Iterable[Command]], Outcome],
        now_ns: int,
    ) -> tuple[State, list[str]]:
        """Go on from the record as far as it is read; return sentences for the operator.

        A slow disk and tens of thousands of bans hold up no start: the rest follows each second.
        """
        told: list[str] = []
        if self._found is None:
            told += self._begin()
            self._found = self._recorder.load(now_ns, 0 if self._began else LOAD_WAIT_S)
            self._began = True
            if self._found is None:
                return state, told
            told += self._recorder.take_told()
            state = self._resume(state, self._found, now_ns)
            self._waiting += (
                Ban(ban.network, ban.until_ns, ban.decision(now_ns))
                for ban in self._found.bans
                if ban.network not in holding
            )
            told += _about(self._found)
        self._perform_some(perform, now_ns)
        if not self._waiting and self._put_back:
            told.append(f"put {self._put_back} bans of the record into force again")
        return state, told

    def _begin(self) -> list[str]:
        """Tell others, once, where the record is."""
        if self._began:
            return []
        try:
            point_to(self._run, self._directory)
        except OSError as error:
            return [f"the record will be looked for in its usual place only: {error}"]
        return []

    def _perform_some(self, perform: Callable[[Iterable[Command]], Outcome], now_ns: int) -> None:
        count = min(AT_ONCE, len(self._waiting))
        some = [self._waiting.popleft() for _ in range(count)]
        alive = [ban for ban in some if not 0 < ban.until_ns <= now_ns]
        for result in perform(alive).results:
            if result.error and isinstance(result.command, Ban):
                network = result.command.network
                self._recorder.end_ban(now_ns, network, f"failed: {result.error}")
            else:
                self._put_back += 1

    def agree(self, holding: Mapping[Network, int], words: Words, now_ns: int) -> None:
        """Write down bans that were made or lifted beside the daemon."""
        if self._found is None:
            return
        holding = {**{ban.network: ban.until_ns for ban in self._waiting}, **holding}
        unknown = self._recorder.unknown(holding)
        said = words.bans() if unknown else {}
        made = (
            Decision(
                at_ns=now_ns,
                act=Act.BAN,
                rule="operator" if network in said else _FOUND,
                subject=str(network),
                text=said[network].reason if network in said else "held before this run",
                network=network,
                until_ns=holding[network],
                undone_by=f"floodwall unban {network}",
            )
            for network in unknown
        )
        self._recorder.agree(now_ns, holding, made)

    def _resume(self, state: State, found: Restored, now_ns: int) -> State:
        """Give the core back what it knew: bans, offences, and incidents of known services."""
        indexes: dict[str, int | None] = {s.name: s.index for s in state.table.services}
        bans = {
            ban.network: Ban(ban.network, ban.until_ns, ban.decision(now_ns))
            for ban in self._recorder.bans()
        }
        incidents = {
            indexes.get(each.name): Incident(
                service=indexes.get(each.name),
                name=each.name,
                kind=Kind(each.kind),
                opened_ns=each.opened.ns,
                last_ns=now_ns,
                seen_ns=now_ns,
            )
            for each in found.incidents
            if (each.service is None or each.name in indexes) and each.kind in set(Kind)
        }
        response = replace(
            state.response,
            bans={**bans, **state.response.bans},
            offences=dict(found.offences),
            incidents={**incidents, **state.response.incidents},
        )
        learned = Classifier.from_json(_decoded(found.memories.get(_LEARNED, "")))
        return replace(state, response=response, classifier=state.classifier.recall(learned))

    def write(self, state: State, seen: Observation, commands: Sequence[Command]) -> None:
        """Write a second before it is acted upon."""
        if seen.now_ns - self._learned_ns >= LEARNED_EVERY_NS:
            self._learned_ns = seen.now_ns
            self._remember(state, seen.now_ns)
        self._recorder.write(seen, services_of(state), state.verdicts, commands)

    def order(self, state: State, now_ns: int, command: Command) -> None:
        """Write what somebody asked for before it is done."""
        made = getattr(command, "decision", None)
        self._off = self._off or (isinstance(made, Decision) and made.act is Act.SWITCH_OFF)
        self._recorder.order(now_ns, services_of(state), [command])

    def done(self, now_ns: int, outcome: Outcome) -> None:
        """Write what became of the commands that were written last."""
        self._recorder.done(now_ns, [result.error for result in outcome.results])

    def tell(self, now_ns: int, sentences: Iterable[str]) -> None:
        """Write sentences into the course of events."""
        self._recorder.tell(now_ns, sentences)

    @property
    def trouble(self) -> str:
        """Return why the record cannot be written at present, or nothing."""
        why = self._recorder.trouble
        return f"the record cannot be written: {why}" if why else ""

    def take_told(self) -> list[str]:
        """Return what the operator should know about the record, since the last time."""
        return self._recorder.take_told()

    def check(self, policy: RecordPolicy) -> None:
        """Raise ConfigError for settings that cannot be taken over while the daemon runs."""
        if policy.directory != self._policy.directory:
            raise ConfigError(
                "record.directory cannot change while the daemon runs",
                hint="restart the daemon; a restart loses no packet",
            )

    def configure(self, policy: RecordPolicy) -> None:
        """Take over other settings."""
        if policy != self._policy:
            self._policy = policy
            self._recorder.configure(policy)

    def end(self, state: State) -> None:
        """End the run: bans with a time of their own go on at the next start, unless it is off."""
        self._remember(state, time.monotonic_ns())
        how = "switched off" if self._off else "stopped"
        self._recorder.close(time.monotonic_ns(), how, END_WAIT_S, lift=self._off)

    def abandon(self) -> None:
        """Let go, as a death does."""
        self._recorder.abandon(END_WAIT_S)

    def _remember(self, state: State, now_ns: int) -> None:
        self._recorder.remember(now_ns, _LEARNED, json.dumps(state.classifier.as_json()))


def _about(found: Restored) -> list[str]:
    told: list[str] = []
    if found.why_not:
        told.append(f"nothing was read from the record: {found.why_not}")
    if found.expired:
        told.append(f"{len(found.expired)} bans have expired while no daemon ran")
    return told


def a_hand() -> Run:
    """Return a run of the record for what is done beside a daemon, at this moment."""
    return _run_of(time.monotonic_ns())


def _run_of(now_ns: int) -> Run:
    began = Anchor(boot_id(), Moment(now_ns, now_ns + _ahead()))
    return Run(secrets.token_hex(6), began, os.getpid(), __version__)


def _ahead() -> int:
    """Tell how far the wall clock leads the monotonic one; a slow tick does not change that."""
    return time.time_ns() - time.monotonic_ns()


def services_of(state: State) -> dict[int, Service]:
    """Return the services by their index."""
    return {service.index: service for service in state.table.services}


def _decoded(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return None
