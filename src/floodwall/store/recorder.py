"""The record, as the loop uses it: told before anything is done, and never waited for for long.

Law: no state of the disk can stop the defence.  What cannot be written is said, kept in memory
within bounds, and written as soon as that is possible.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from floodwall.core.address import Network
from floodwall.core.commands import Command
from floodwall.core.decision import Decision
from floodwall.core.duration import format_duration
from floodwall.core.model import SECOND_NS, Service
from floodwall.core.observation import Observation
from floodwall.core.settings_record import RecordPolicy
from floodwall.core.verdict import Verdict
from floodwall.store import statements
from floodwall.store.account import Account, Second
from floodwall.store.bans import Ban
from floodwall.store.moment import Moment
from floodwall.store.place import FILE
from floodwall.store.recordfile import RecordFile, Run, UnusableError
from floodwall.store.restored import Restored, restore
from floodwall.store.retention import DAY_NS, Bounds
from floodwall.store.statements import Statement
from floodwall.store.writer import Inquiry, StillAskedError, Writer

PATIENCE_S = 0.25
"""So long a second waits to be written before it is acted upon; a healthy disk takes 1 ms."""

GIVE_UP_NS = 10 * SECOND_NS
"""So long after the start it is tried to read what was on record."""

HEARTBEAT_NS = 10 * SECOND_NS
"""Without anything else to write, a run tells so often that it lives."""

_CLOCK_SLACK_NS = 2 * SECOND_NS


class Recorder:
    """Writes what happens, and knows what was."""

    def __init__(
        self,
        directory: Path,
        policy: RecordPolicy,
        run: Run,
        ahead: Callable[[], int],
        patience_s: float = PATIENCE_S,
    ) -> None:
        """Begin a run; `ahead` tells how far the wall clock leads the monotonic one, in ns."""
        began = run.began.moment
        self.path = directory / FILE
        self._run = run
        self._ahead = ahead
        self._patience_s = patience_s
        self._account = Account(run.token, policy.series_rows, began.ns)
        self._writer = Writer(RecordFile(self.path, bounds_of(policy), run))
        self._loading: Inquiry[Restored] | None = None
        self._loaded = False
        self._pending: list[Statement] = []
        self._written_ns = began.ns
        self._offset_ns = began.wall_ns - began.ns

    @property
    def trouble(self) -> str:
        """Return why nothing can be written at present, or nothing."""
        return self._writer.trouble

    def load(self, now_ns: int, wait_s: float) -> Restored | None:
        """Return what goes on from before, once; None if it is not read yet: ask again."""
        now = self._run.began
        if self._loading is None:
            self._loading = self._writer.ask(
                lambda file: file.read(lambda connection: restore(connection, now))
            )
        try:
            found = self._loading.result(wait_s)
        except StillAskedError:
            return None
        except UnusableError as error:
            if now_ns - now.moment.ns < GIVE_UP_NS:
                self._loading = None
                return None
            found = Restored(why_not=str(error))
        self._loaded = True
        self._pending += self._account.load(found, now.moment)
        return found

    def write(
        self,
        seen: Observation,
        services: Mapping[int, Service],
        verdicts: Mapping[int | None, Verdict],
        commands: Sequence[Command],
    ) -> bool:
        """Write a second before it is acted upon; return whether it is on the disk already."""
        at = self._moment(seen.now_ns)
        written = self._account.second(Second(at, seen, services, verdicts, commands))
        return self._put(at, [*self._watch_clock(at), *written], self._patience_s)

    def order(
        self, now_ns: int, services: Mapping[int, Service], commands: Sequence[Command]
    ) -> bool:
        """Write what somebody asked for outside of the rhythm of seconds, before it is done."""
        at = self._moment(now_ns)
        return self._put(at, self._account.orders(at, commands, services), self._patience_s)

    def done(self, now_ns: int, errors: Sequence[str]) -> None:
        """Write what became of the commands that were written last; an empty text is success."""
        at = self._moment(now_ns)
        if written := self._account.results(at, errors):
            self._put(at, written, 0)

    def tell(self, now_ns: int, sentences: Iterable[str]) -> None:
        """Write sentences into the course of events, with what is written next."""
        at = self._moment(now_ns)
        self._pending += [statements.event(at, "note", sentence) for sentence in sentences]

    def remember(self, now_ns: int, name: str, value: str) -> None:
        """Keep a value for the next start, with what is written next."""
        self._pending.append(statements.remember(self._moment(now_ns), name, value))

    def unknown(self, networks: Iterable[Network]) -> list[Network]:
        """Return those of which the record does not know that they are banned."""
        return [network for network in networks if network not in self._account.held.by_network]

    def agree(self, now_ns: int, holding: Collection[Network], made: Iterable[Decision]) -> None:
        """Take over which bans are in force: some were lifted or made beside the daemon."""
        at, held = self._moment(now_ns), self._account.held
        self._pending += held.expire(at)
        for network in [each for each in held.by_network if each not in holding]:
            self._pending += held.end(at, network, "lifted beside the daemon")
        self._pending += self._account.hold(at, made)

    def take_told(self) -> list[str]:
        """Return what the operator should know about the record, since the last time."""
        return self._writer.take_told()

    def configure(self, policy: RecordPolicy) -> None:
        """Take over other bounds; the directory stays."""
        self._account.series_rows = policy.series_rows
        self._writer.limit(bounds_of(policy))

    def bans(self) -> list[Ban]:
        """Return the bans that the record holds to be in force."""
        return list(self._account.held.by_network.values())

    def end_ban(self, now_ns: int, network: Network, how: str) -> None:
        """Write that a ban holds no longer, with what is written next."""
        self._pending += self._account.held.end(self._moment(now_ns), network, how)

    def close(self, now_ns: int, how: str, wait_s: float, *, lift: bool = False) -> bool:
        """End the run as it should; return whether all was written in time.

        Incidents are closed: whoever runs next opens them anew.  Bans that have an end go on at
        the next start, unless `lift` ends all of them.
        """
        at = self._moment(now_ns)
        self._put(at, [], 0)
        ended = [
            *self._account.open.end(at, f"Floodwall was {how} while it went on"),
            *statements.finish_run(at, how),
            statements.end_bans(at, how, lift=lift),
        ]
        self._writer.put(ended, at, 0)
        return self._writer.stop(wait_s)

    def abandon(self, wait_s: float) -> None:
        """End without a word, as a death does; what waits is still written."""
        self._writer.stop(wait_s)

    def _moment(self, now_ns: int) -> Moment:
        return Moment(now_ns, now_ns + self._ahead())

    def _put(self, at: Moment, written: list[Statement], wait_s: float) -> bool:
        pending, self._pending = self._pending, []
        written = [*pending, *written]
        # Not before it is known what holds and can be written; and last, so that what has expired
        # is said to have expired.
        if self._loaded and not self._writer.trouble and self._writer.take_wish():
            written += self._account.agreement(at)
        if not written and at.ns - self._written_ns < HEARTBEAT_NS:
            return True
        self._written_ns = at.ns
        return self._writer.put([*written, statements.heartbeat(at)], at, wait_s)

    def _watch_clock(self, at: Moment) -> list[Statement]:
        """Note that the wall clock was set; no span of time is measured by it."""
        step_ns = at.wall_ns - at.ns - self._offset_ns
        if abs(step_ns) < _CLOCK_SLACK_NS:
            return []
        self._offset_ns += step_ns
        self._writer.clock_was_set(at)
        way = "forward" if step_ns > 0 else "back"
        text = f"the wall clock was set {way} by {format_duration(abs(step_ns) / SECOND_NS)}"
        return [statements.event(at, "clock", text)]


def bounds_of(policy: RecordPolicy) -> Bounds:
    """Return the bounds of the file."""
    return Bounds(policy.max_bytes, policy.max_age_days * DAY_NS)
