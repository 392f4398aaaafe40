"""Carries out a plan of `floodwall harden`, and takes it back exactly, also after a reboot.

Law: what was there is on disk before anything is changed; what somebody else has changed since is
theirs and stays.
"""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from floodwall.act.sysctl import HARDENING, TRIAL, restore_sysctls, set_sysctl
from floodwall.audit.plan import FILE, Plan
from floodwall.audit.source import sysctl_path
from floodwall.core.errors import ConfigError, FloodwallError
from floodwall.kernel.filelock import FileLock
from floodwall.store.atomic import read_json, write_json, write_text
from floodwall.store.journal import Journal
from floodwall.store.undo import UndoLedger

STATE: Final = "/var/lib/floodwall/harden"
"""Where the way back is kept, below the root."""

_FILE_NOTE: Final = "file.json"
_TRIAL: Final = "trial.json"
_LOCK: Final = "lock"
_READABLE: Final = 0o644


class Hardening:
    """The changes of one machine, below a root that tests give."""

    def __init__(self, root: Path = Path("/")) -> None:
        """Keep everything but sysctls below `root`."""
        self.file = root / FILE.lstrip("/")
        self.state = root / STATE.lstrip("/")
        self.refused: list[str] = []
        """Sysctls that the kernel keeps as they are, and our file if it cannot be written."""

    @contextlib.contextmanager
    def locked(self, *, wait: bool = False) -> Iterator[None]:
        """Be the only one who changes anything; a second one waits, or is refused at once."""
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = FileLock(self.state / _LOCK)
        if not lock.acquire(wait=wait):
            raise ConfigError("another 'floodwall harden' is at work", hint="wait for it")
        try:
            yield
        finally:
            lock.release()

    def ours(self) -> str | None:
        """Return what our file says, None if there is none."""
        try:
            # Bytes: reading as text would turn the line ends of whoever wrote it into ours.
            return self.file.read_bytes().decode()
        except FileNotFoundError:
            return None
        except UnicodeDecodeError as error:
            raise ConfigError(
                f"{FILE} is not UTF-8", hint="move it away, it is not ours"
            ) from error

    def apply(self, plan: Plan) -> Iterator[str]:
        """Change what the plan says, runtime before file; yield a sentence for each."""
        yield from self._change(plan, HARDENING)
        if plan.file_after is not None and plan.file_after != plan.file_before:
            yield self._persist(plan.file_after)

    def rollback(self) -> Iterator[str]:
        """Make everything what it was before the first change."""
        if not self.state.is_dir():
            return
        (self.state / _TRIAL).unlink(missing_ok=True)
        for told in restore_sysctls(UndoLedger(self.state)):
            yield self._tell(told)
        note = read_json(self.state / _FILE_NOTE, None)
        if isinstance(note, dict):
            yield self._tell(self._take_back(note))
        (self.state / _FILE_NOTE).unlink(missing_ok=True)

    def begin_trial(self, plan: Plan, deadline_ns: int) -> Iterator[str]:
        """Change runtime values only: a reboot takes them back, too."""
        if self.trial_deadline_ns() is not None:
            raise ConfigError("something is on trial already", hint="floodwall harden --keep")
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_json(
            self.state / _TRIAL,
            {"deadline_ns": deadline_ns, "boot": _boot(), "file_after": plan.file_after},
        )
        yield from self._change(plan, TRIAL)

    def trial_deadline_ns(self) -> int | None:
        """Return when the trial ends, None if there is none since this boot."""
        trial = read_json(self.state / _TRIAL, None)
        if not isinstance(trial, dict) or trial.get("boot") != _boot():
            return None
        deadline = trial.get("deadline_ns")
        return deadline if isinstance(deadline, int) else None

    def end_trial(self) -> Iterator[str]:
        """Take back what is on trial, and nothing that was kept before."""
        (self.state / _TRIAL).unlink(missing_ok=True)
        for told in restore_sysctls(UndoLedger(self.state), TRIAL):
            yield self._tell(told)

    def keep(self) -> Iterator[str]:
        """End the trial for good: now the file is written."""
        if self.trial_deadline_ns() is None:
            raise ConfigError("nothing is on trial", hint="floodwall harden --confirm 60s")
        after = read_json(self.state / _TRIAL, {}).get("file_after")
        (self.state / _TRIAL).unlink(missing_ok=True)
        ledger = UndoLedger(self.state)
        for change in ledger.changes():
            if change.layer == TRIAL:
                ledger.remember(change.name, change.before, change.after, HARDENING)
                ledger.remove(change.name, TRIAL)
        yield self._tell("kept what was on trial")
        if isinstance(after, str) and after != self.ours():
            yield self._persist(after)

    def _change(self, plan: Plan, layer: str) -> Iterator[str]:
        self.state.mkdir(parents=True, exist_ok=True, mode=0o700)
        ledger = UndoLedger(self.state)
        for step in plan.steps:
            try:
                told = set_sysctl(_key(step.name), step.after, ledger, layer)
            except FloodwallError as error:
                # In a container some are read-only: what can be set is set all the same.
                self.refused.append(step.name)
                told = f"could not set {step.name}: {error.message}"
            if told:
                yield self._tell(told)

    def _persist(self, after: str) -> str:
        """Write our file; where that cannot be, what holds now holds until the next boot."""
        try:
            return self._write(after)
        except OSError as error:
            self.refused.append(FILE)
            return self._tell(f"could not write {FILE}, at the next boot it ends: {error.strerror}")

    def _write(self, after: str) -> str:
        note = read_json(self.state / _FILE_NOTE, None)
        before = note.get("before") if isinstance(note, dict) else self.ours()
        write_json(self.state / _FILE_NOTE, {"before": before, "after": after})
        self.file.parent.mkdir(parents=True, exist_ok=True)
        new = not self.file.exists()
        write_text(self.file, after)
        if new:
            self.file.chmod(_READABLE)
        return self._tell(f"wrote {FILE}")

    def _take_back(self, note: dict[str, Any]) -> str:
        before, now = note.get("before"), self.ours()
        if now == before:
            return f"{FILE} is as it was"
        if now != note.get("after"):
            return f"left {FILE}: somebody else has changed it since"
        if isinstance(before, str):
            write_text(self.file, before)
            return f"put {FILE} back to what it was"
        self.file.unlink(missing_ok=True)
        return f"removed {FILE}"

    def _tell(self, text: str) -> str:
        Journal(self.state).write(text)
        return text


def _key(name: str) -> str:
    """Return the name in the form that names with a dot inside need: slashes between parts."""
    return sysctl_path(name).removeprefix("/proc/sys/") if "/" in name else name


def _boot() -> str:
    """Return what tells one boot from another; a trial ends with its boot."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
