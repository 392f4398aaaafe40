"""The one writer: a thread that owns the record, so that no disk can hold up the defence.

Law: what cannot be written waits in memory, within bounds and in order; it is written as soon as
the disk takes it again.
"""

import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from floodwall.store.moment import Moment
from floodwall.store.recordfile import RecordFile, UnusableError
from floodwall.store.retention import SETTLE_NS, Bounds
from floodwall.store.statements import Statement

RETRY_S = 2.0
"""A record that cannot be written is tried again so often."""

LARGEST_BACKLOG = 10_000
"""Statements that wait in memory: some 20 MB."""

TIDY_EVERY_S = 60.0
"""Size and age are looked at so often."""

_AT_ONCE = 64

T = TypeVar("T")


@dataclass(slots=True, eq=False)
class Batch:
    """Statements that belong together, and whether they are on the disk."""

    statements: Sequence[Statement]
    written: bool = False
    tried: threading.Event = field(default_factory=threading.Event)


class StillAskedError(UnusableError):
    """There is no answer yet."""


class Inquiry(Generic[T]):
    """A look at the file that the writer's thread takes."""

    def __init__(self, look: Callable[[RecordFile], T]) -> None:
        self._look = look
        self._answers: list[T] = []
        self._error = UnusableError("its writer has failed")
        self._answered = threading.Event()

    def answer(self, file: RecordFile) -> None:
        """Take the look."""
        try:
            self._answers.append(self._look(file))
        except UnusableError as error:
            self._error = error
        finally:
            self._answered.set()

    def result(self, wait_s: float) -> T:
        """Return the answer, or raise UnusableError with the reason why there is none."""
        if not self._answered.wait(wait_s):
            raise StillAskedError(f"no answer within {wait_s:g} s")
        if not self._answers:
            raise self._error
        return self._answers[0]


class Writer:
    """Takes batches from the loop, and writes them in order."""

    def __init__(
        self, file: RecordFile, *, retry_s: float = RETRY_S, largest: int = LARGEST_BACKLOG
    ) -> None:
        self._file = file
        self._retry_s = retry_s
        self._largest = largest
        self._changed = threading.Condition()
        self._backlog: deque[Batch] = deque()
        self._size = 0
        self._questions: deque[Inquiry[Any]] = deque()
        self._bounds: Bounds | None = None
        self._now = Moment(0, 0)
        self._steady_since_ns = 0
        self._told: list[str] = []
        self._trouble = ""
        self._lost = 0
        self._wants_agreement = False
        self._stopping = False
        self._checked = False
        self._tidied_s = time.monotonic()
        self._thread = threading.Thread(target=self._work, name="record", daemon=True)
        self._thread.start()

    @property
    def trouble(self) -> str:
        """Return why the record cannot be written at present, or nothing."""
        return self._trouble

    def take_told(self) -> list[str]:
        """Return what the operator should know, since the last time."""
        with self._changed:
            told, self._told = self._told, []
        return told

    def take_wish(self) -> bool:
        """Tell, once, whether the record missed something and is to agree with memory again."""
        with self._changed:
            wish, self._wants_agreement = self._wants_agreement, False
        return wish

    def put(self, statements: Sequence[Statement], now: Moment, wait_s: float) -> bool:
        """Write statements; return whether they are written after waiting so long at most."""
        batch = Batch(statements)
        with self._changed:
            self._now = now
            self._backlog.append(batch)
            self._size += len(statements)
            self._shed()
            healthy = not self._trouble
            self._changed.notify_all()
        return healthy and batch.tried.wait(wait_s) and batch.written

    def ask(self, look: Callable[[RecordFile], T]) -> Inquiry[T]:
        """Have the thread look at its file."""
        inquiry = Inquiry(look)
        with self._changed:
            self._questions.append(inquiry)
            self._changed.notify_all()
        return inquiry

    def clock_was_set(self, now: Moment) -> None:
        """Judge no age for a while: the clock may be set back again."""
        self._steady_since_ns = now.ns

    def limit(self, bounds: Bounds) -> None:
        """Keep within other bounds from now on."""
        with self._changed:
            self._bounds = bounds

    def stop(self, wait_s: float) -> bool:
        """Write what waits, and end; return whether all of it was written in time."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
        self._thread.join(wait_s)
        return not self._thread.is_alive() and not self._backlog

    def _work(self) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        going_on = True
        while going_on:
            going_on = self._wait()
            try:
                self._answer()
                self._flush()
                self._check()
                self._tidy()
            except Exception as error:  # noqa: BLE001 # the edge of this thread: defend, and tell
                self._complain(f"{type(error).__name__}: {error}")
        self._file.release()

    def _wait(self) -> bool:
        """Sleep until there is something to do; return whether to go on after it."""
        with self._changed:
            if self._stopping:
                return False
            if self._trouble and not self._questions:
                self._changed.wait_for(lambda: self._stopping or self._questions, self._retry_s)
            else:
                self._changed.wait_for(
                    lambda: self._stopping or self._backlog or self._questions, TIDY_EVERY_S
                )
            return not self._stopping

    def _answer(self) -> None:
        while self._questions:
            self._questions.popleft().answer(self._file)
            self._tell_changes()

    def _flush(self) -> None:
        while batches := self._some():
            try:
                self._file.open()
                self._tell_changes()
                self._write(batches)
            except UnusableError as error:
                self._complain(str(error))
                return
            self._done(batches)

    def _write(self, batches: list[Batch]) -> None:
        try:
            self._file.write([each for batch in batches for each in batch.statements])
        except ValueError as error:
            if len(batches) > 1:
                for batch in batches:
                    self._write([batch])
                return
            # Nothing that is tried again: the record goes on without it, and says so.
            self._say(f"the record could not take one second: {error}")
            self._wants_agreement = True

    def _some(self) -> list[Batch]:
        with self._changed:
            return [self._backlog[n] for n in range(min(_AT_ONCE, len(self._backlog)))]

    def _done(self, batches: list[Batch]) -> None:
        with self._changed:
            for batch in batches:
                # One that memory had no room for may be gone from the front already.
                if self._backlog and self._backlog[0] is batch:
                    self._backlog.popleft()
                    self._size -= len(batch.statements)
                batch.written = True
                batch.tried.set()
            if not self._trouble:
                return
            lost, self._lost = self._lost, 0
            self._trouble = ""
        missing = f"{lost} seconds of it are missing" if lost else "nothing of it is missing"
        self._say(f"the record is written again; {missing}")

    def _shed(self) -> None:
        """Give up the oldest; what holds now is brought into agreement later."""
        while self._size > self._largest and len(self._backlog) > 1:
            gone = self._backlog.popleft()
            self._size -= len(gone.statements)
            self._lost += 1
            self._wants_agreement = True

    def _complain(self, why: str) -> None:
        with self._changed:
            for batch in self._backlog:
                batch.tried.set()
        if why != self._trouble:
            self._trouble = why
            self._say(f"the record cannot be written: {why}; going on from memory")

    def _tell_changes(self) -> None:
        for note in self._file.take_notes():
            self._say(note)
        if self._file.take_change():
            self._wants_agreement = True

    def _check(self) -> None:
        """Look at the whole file once, after what was waited for."""
        if self._checked or self._trouble or self._stopping:
            return
        self._checked = True
        try:
            self._file.open()
            self._file.check()
        except UnusableError as error:
            self._complain(str(error))

    def _tidy(self) -> None:
        with self._changed:
            bounds, self._bounds = self._bounds, None
            now = self._now
        if bounds is not None:
            self._file.limit(bounds)
        if time.monotonic() - self._tidied_s < TIDY_EVERY_S or self._trouble or not now.ns:
            return
        self._tidied_s = time.monotonic()
        try:
            self._file.open()
            self._file.tidy(now, by_age=now.ns - self._steady_since_ns > SETTLE_NS)
        except UnusableError as error:
            self._complain(str(error))

    def _say(self, sentence: str) -> None:
        with self._changed:
            self._told.append(sentence)
