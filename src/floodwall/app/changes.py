"""Which settings hold: those that are confirmed, or others on trial until a deadline.

Law: the settings file holds only what is confirmed, so that every start without a trial, also
after a reboot, begins with that.  A trial is written down before it begins, and taken back at its
time by whoever is alive.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from floodwall.app.configure import Sources, read_text
from floodwall.core.commands import RecordDecision
from floodwall.core.decision import Act, Decision
from floodwall.core.errors import ConfigError, FloodwallError
from floodwall.core.model import SECOND_NS
from floodwall.core.settings import AttachMode, Settings
from floodwall.store.atomic import write_text
from floodwall.store.moment import boot_id
from floodwall.store.pending import Pending, PendingFile

LONGEST_NS = 24 * 3600 * SECOND_NS
"""A trial lasts no longer than a day."""

_APPLIED = "applied.toml"
_AGAIN_NS = SECOND_NS // 10


class Defended(Protocol):
    """What settings are swapped in."""

    def check(self, settings: Settings) -> None:
        """Raise ConfigError if these settings cannot be swapped for the present ones."""

    def reload(self, settings: Settings, now_ns: int) -> None:
        """Swap all settings, or raise and leave everything as it was."""

    def settle(self, settings: Settings) -> None:
        """Swap all settings; what cannot follow at once is left as it is."""

    def obey(self, command: RecordDecision) -> object:
        """Write a decision into the record."""


@dataclass(frozen=True, slots=True)
class Saved:
    """Where confirmed settings were written; with `trouble` they were not."""

    file: str
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a daemon begins with."""

    settings: Settings
    text: str
    origin: str
    trial: Pending | None = None
    told: str = ""


def opening(sources: Sources, run: Path, now_ns: int) -> Opening:
    """Return the settings to begin with: those on trial while their time lasts."""
    text, origin = confirmed(sources, run)
    file = PendingFile(run)
    trial = file.read()
    if trial is None:
        return Opening(sources.settle(text, origin), text, origin)
    if not trial.is_over(now_ns):
        told = f"went on with settings on trial from {trial.origin}"
        settings = sources.settle(trial.text, trial.origin)
        return Opening(settings, trial.before, trial.before_origin, trial, told)
    settings = sources.settle(text, origin)
    file.remove()
    return Opening(settings, text, origin, told=f"took settings from {trial.origin} back: {_LATE}")


def confirmed(sources: Sources, run: Path) -> tuple[str, str]:
    """Return the confirmed text and its name: the file, or what was applied without one."""
    applied = run / _APPLIED
    if sources.file is None and applied.exists():
        return read_text(applied), str(applied)
    return sources.text()


_LATE = "they were not confirmed in time"


class Changes:
    """Swaps settings at somebody's word, and takes them back unless they are confirmed."""

    def __init__(
        self,
        begun: Opening,
        sources: Sources,
        run: Path,
        defence: Defended,
        clock: Callable[[], int] = time.monotonic_ns,
    ) -> None:
        self._sources = sources
        self._applied = run / _APPLIED
        self._run = run
        self._file = PendingFile(run)
        self._defence = defence
        self._clock = clock
        self._text, self._origin = begun.text, begun.origin
        self.trial = begun.trial

    @property
    def holding(self) -> tuple[str, str]:
        """Return the text that holds now, and its name: that on trial, or the confirmed one."""
        trial = self.trial
        return (trial.text, trial.origin) if trial else (self._text, self._origin)

    def reload(self) -> None:
        """Read the confirmed settings again, or raise and leave everything as it was."""
        self._refuse_during_trial()
        text, origin = confirmed(self._sources, self._run)
        self._defence.reload(self._sources.settle(text, origin), self._clock())
        self._text, self._origin = text, origin

    def settle(self, text: str, origin: str) -> Settings:
        """Return the settings of a text if they can be swapped in, or raise ConfigError."""
        self._refuse_during_trial()
        settings = self._sources.settle(text, origin)
        self._defence.check(settings)
        return settings

    def apply(self, text: str, origin: str, who: str) -> Saved:
        """Swap settings in for good."""
        settings = self.settle(text, origin)
        self._record(Act.APPLY, f"applied the settings of {origin}, says {who}", who)
        self._defence.reload(settings, self._clock())
        return self._keep(text, origin)

    def try_out(self, text: str, origin: str, deadline_ns: int, who: str) -> None:
        """Swap settings in until the deadline, unless they are confirmed before it."""
        now_ns = self._clock()
        if not now_ns < deadline_ns <= now_ns + LONGEST_NS:
            raise ConfigError("a trial lasts up to a day")
        self._refuse_own_file(origin)
        settings = self.settle(text, origin)
        left_s = (deadline_ns - now_ns) / SECOND_NS
        trial = Pending(
            text=text,
            origin=origin,
            before=self._text,
            before_origin=self._origin,
            deadline_ns=deadline_ns,
            who=who,
            boot=boot_id(),
            interfaces=self._sources.interfaces,
            mode=self._sources.mode or "",
        )
        said = f"trying the settings of {origin} for {left_s:.0f} s, says {who}"
        self._record(Act.PROPOSE, said, who, deadline_ns)
        self._file.write(trial)
        try:
            self._defence.reload(settings, now_ns)
        except BaseException:
            self._file.remove()
            raise
        self.trial = trial

    def confirm(self, who: str) -> Saved:
        """Keep what is on trial."""
        trial = self._on_trial()
        self._record(Act.APPLY, f"confirmed the settings of {trial.origin}, says {who}", who)
        saved = self._keep(trial.text, trial.origin)
        self._file.remove()
        self.trial = None
        return saved

    def take_back(self, why: str, who: str) -> None:
        """Go back to the settings before the trial."""
        trial = self._on_trial()
        self._record(Act.ROLL_BACK, f"took settings from {trial.origin} back: {why}", who)
        settings = self._sources.settle(trial.before, trial.before_origin)
        swap_back(self._defence, settings, self._clock())
        self._file.remove()
        self.trial = None

    def serve(self, fd: int, now_ns: int) -> bool:  # noqa: ARG002  as every server of the loop
        """Serve nobody: nothing is read here."""
        return False

    def tend(self, now_ns: int) -> int | None:
        """Take back what was not confirmed in time; return when to come again."""
        if self.trial is None:
            return None
        if not self.trial.is_over(now_ns):
            return self.trial.deadline_ns
        lock = self._file.lock()
        if not lock.acquire(wait=False):
            # The guard takes us for dead: it is about to end us.
            return now_ns + _AGAIN_NS
        with lock:
            self.take_back(_LATE, "floodwall")
        return None

    def _on_trial(self) -> Pending:
        if self.trial is None:
            raise ConfigError("no settings are on trial", hint="floodwall apply FILE --confirm 60s")
        return self.trial

    def _refuse_during_trial(self) -> None:
        if self.trial is not None:
            raise ConfigError(
                f"the settings of {self.trial.origin} are on trial",
                hint="'floodwall confirm' keeps them, 'floodwall confirm --reject' takes them back",
            )

    def _refuse_own_file(self, origin: str) -> None:
        own = self._sources.file
        same = False
        if own is not None:
            with contextlib.suppress(OSError):
                same = own.samefile(origin)
        if same:
            raise ConfigError(
                f"{origin} is what a restart reads: nothing on trial may stand there",
                hint="write the new settings into another file; once confirmed they are put there",
            )

    def _keep(self, text: str, origin: str) -> Saved:
        """Write confirmed settings where the next start finds them."""
        self._text, self._origin = text, origin
        place = self._sources.file or self._applied
        try:
            write_text(place, text)
        except OSError as error:
            return Saved(str(place), trouble=f"{place}: {error.strerror}")
        return Saved(str(place))

    def _record(self, act: Act, text: str, who: str, until_ns: int = 0) -> None:
        decision = Decision(
            at_ns=self._clock(),
            act=act,
            rule="operator" if act is not Act.ROLL_BACK else "trial",
            subject="settings",
            text=text,
            until_ns=until_ns,
            undone_by="its time, or floodwall confirm --reject" if act is Act.PROPOSE else "",
            who=who,
        )
        self._defence.obey(RecordDecision(decision))


def swap_back(defence: Defended, settings: Settings, now_ns: int) -> None:
    """Swap the settings of before in, as far as that goes."""
    try:
        defence.reload(settings, now_ns)
    except FloodwallError:
        # An interface of before is gone, for instance: everything else goes back all the same.
        defence.settle(settings)


def sources_of(trial: Pending) -> Sources:
    """Return where the daemon that began a trial had its settings from, its file apart."""
    mode = AttachMode(trial.mode) if trial.mode else None
    return Sources(None, tuple(trial.interfaces), mode)
