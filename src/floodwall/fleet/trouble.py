"""Why a machine could not be looked at, and what to do about it, from what ssh said.

Law: what comes from the other end is bounded and printable before it is told.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from floodwall.forensics.words import printable

LONGEST = 200
_FAILED = 255
"""What ssh exits with if the connection is at fault, and not the command."""


class Kind(StrEnum):
    """Who must act."""

    UNKNOWN_KEY = "unknown host key"
    CHANGED_KEY = "changed host key"
    LOGIN = "login refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    PRIVILEGE = "privilege"
    ANSWER = "answer"
    """What it said cannot be understood, or is too much."""
    REFUSED = "refused"
    """We do not visit it."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One machine that was not looked at."""

    kind: Kind
    text: str
    hint: str = ""


class TroubleError(Exception):
    """A machine cannot be looked at; the others can."""

    def __init__(self, kind: Kind, text: str, hint: str = "") -> None:
        """Take what is told; it may come from the other end."""
        self.trouble = Trouble(kind, printable(" ".join(text.split()), LONGEST), hint)
        super().__init__(self.trouble.text)


_CHANGED = "its host key is not the one that is known: another machine, or an attack"
_UNKNOWN = "its host key is not known here"
_LOGIN = "it took none of our keys"
_SAID = (
    (r"REMOTE HOST IDENTIFICATION HAS CHANGED", Kind.CHANGED_KEY, _CHANGED),
    (r"Host key verification failed|host key is known for", Kind.UNKNOWN_KEY, _UNKNOWN),
    (r"Permission denied|Too many authentication failures", Kind.LOGIN, _LOGIN),
    (r"a password is required|a terminal is required|sudo: ", Kind.PRIVILEGE, ""),
    (r"timed out", Kind.TIMEOUT, ""),
)


def diagnose(code: int, said: str, look_up: str) -> TroubleError:
    """Return what an exit code and the standard error of ssh mean.

    `look_up` is the command that shows the fingerprints of this host's keys.
    """
    for pattern, kind, text in _SAID:
        if re.search(pattern, said):
            return TroubleError(kind, text or _last(said, code), _hint(kind, look_up))
    if code == _FAILED:
        return TroubleError(Kind.UNREACHABLE, _last(said, code))
    return TroubleError(Kind.ANSWER, _last(said, code), "is there a POSIX shell, and nothing else?")


def _hint(kind: Kind, look_up: str) -> str:
    return {
        Kind.UNKNOWN_KEY: f"{look_up} shows its fingerprint; compare it, then log in once by ssh",
        Kind.CHANGED_KEY: f"{look_up} shows the new one; ask who keeps that machine first",
        Kind.LOGIN: "ssh-add -l shows your keys; no password is ever asked for",
        Kind.PRIVILEGE: "log in as root, or allow sudo without a password",
        Kind.TIMEOUT: "is it up? --timeout 60s waits longer",
    }.get(kind, "")


def _last(said: str, code: int) -> str:
    """Return the last line that ssh said: those before it are banners."""
    lines = [line for line in said.replace("\r", "\n").split("\n") if line.strip()]
    return lines[-1] if lines else f"exit code {code}"
