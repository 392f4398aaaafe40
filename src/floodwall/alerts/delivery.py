"""One delivery in a process of its own, for a bounded time.

Law: whoever started it never waits; at its end the whole process group is killed.
"""

import contextlib
import json
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from floodwall.core.alert_targets import Target
from floodwall.core.alert_text import as_json, body, headline
from floodwall.core.alerting import Event, Message

PATIENCE_S = 20.0
"""Longest time of one delivery."""

_ANSWER_BYTES = 4096
_PATH = "/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A message on its way: where to, which one, from whom."""

    id: str
    message: Message
    host: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a delivery ended; without a reason it arrived."""

    why: str = ""

    @property
    def arrived(self) -> bool:
        """Tell whether the target has taken it."""
        return not self.why


class Delivery:
    """A process that carries one message."""

    def __init__(
        self,
        target: Target,
        parcel: Parcel,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Start it; whatever goes wrong is told by `poll`."""
        self._clock = clock
        self._deadline_s = clock() + patience_s
        self._hook = target.exec is not None
        self._process: subprocess.Popen[bytes] | None = None
        self._failed = ""
        self._answer: BinaryIO | None = None
        try:
            self._answer = _sheet()
            self._process = self._start(target, parcel, self._answer)
        except OSError as error:
            self._failed = f"cannot be started: {error.strerror}"
        except ValueError:
            self._failed = "cannot be started: its words are no text"

    def poll(self) -> Outcome | None:
        """Return how it ended, or None while it goes on."""
        process = self._process
        if process is None:
            return self._end(self._failed)
        code = process.poll()
        if code is None and self._clock() < self._deadline_s:
            return None
        if code is None:
            self._kill()
            return self._end("no answer in time")
        return self._end(self._ended(code))

    def kill(self) -> None:
        """End it and all that it has started; nobody asks for its outcome any more."""
        self._kill()
        self._end("")

    def _kill(self) -> None:
        process = self._process
        if process is not None and process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _end(self, why: str) -> Outcome:
        if self._answer is not None:
            self._answer.close()
        return Outcome(why)

    def _ended(self, code: int) -> str:
        if self._hook or self._answer is None:
            return "" if code == 0 else f"ended with {code}"
        self._answer.seek(0)
        try:
            return str(json.loads(self._answer.read(_ANSWER_BYTES))["why"])
        except (ValueError, KeyError, TypeError):
            return f"the courier ended with {code}"

    def _start(self, target: Target, parcel: Parcel, told: BinaryIO) -> subprocess.Popen[bytes]:
        if target.exec is not None:
            words, environment = [_checked(target.exec)], _environment(parcel)
            order = as_json(parcel.message, parcel.host)
            answer: Any = subprocess.DEVNULL
        else:
            isolated = ["-I"] if sys.flags.isolated else []
            words = [sys.executable, *isolated, "-m", "floodwall.alerts.courier"]
            environment, order, answer = dict(os.environ), _order(target, parcel), told
        with _sheet() as given:
            given.write(json.dumps(order).encode())
            given.seek(0)
            return subprocess.Popen(
                words,
                stdin=given,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                env=environment,
                cwd="/",
                start_new_session=True,
            )


def _sheet() -> BinaryIO:
    """Return a file in memory: unlike a pipe it makes nobody wait, unlike a disk it is there."""
    return os.fdopen(os.memfd_create("floodwall-alert", os.MFD_CLOEXEC), "w+b")


def deliver(target: Target, parcel: Parcel, patience_s: float = PATIENCE_S) -> Outcome:
    """Deliver and wait for the end: for a test by hand."""
    delivery = Delivery(target, parcel, patience_s)
    try:
        while (outcome := delivery.poll()) is None:
            time.sleep(0.02)
        return outcome
    finally:
        delivery.kill()


def _order(target: Target, parcel: Parcel) -> dict[str, Any]:
    message, host = parcel.message, parcel.host
    if target.webhook is not None and target.secret is not None:
        return {
            "way": "webhook",
            "url": target.webhook.get_secret_value(),
            "secret": target.secret.get_secret_value(),
            "id": parcel.id,
            "json": as_json(message, host),
        }
    over = message.event is Event.ENDED
    return {
        "way": "apprise",
        "url": target.url.get_secret_value() if target.url is not None else "",
        "title": headline(message, host),
        "body": body(message, host),
        "urgency": "info" if over else message.urgency.name.lower(),
    }


def _environment(parcel: Parcel) -> dict[str, str]:
    """Return all that a hook is told beside its standard input; nothing is inherited."""
    message = parcel.message
    return {
        "PATH": _PATH,
        "LANG": "C.UTF-8",
        "FLOODWALL_EVENT": message.event.value,
        "FLOODWALL_KEY": message.key.replace("\0", ""),
        "FLOODWALL_URGENCY": message.urgency.name.lower(),
        "FLOODWALL_HEADLINE": headline(message, parcel.host),
        "FLOODWALL_DELIVERY": parcel.id,
    }


def _checked(program: str) -> str:
    """Refuse a program that somebody else could have put there."""
    found = Path(program).stat()
    if not stat.S_ISREG(found.st_mode) or found.st_mode & 0o022:
        raise PermissionError(0, "it is no regular file, or others may write it")
    if found.st_uid not in {0, os.geteuid()}:
        raise PermissionError(0, "it belongs to another user")
    return program
