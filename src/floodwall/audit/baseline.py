"""Findings that somebody has accepted: each with a reason, and until when."""

import json
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from floodwall.core.errors import ConfigError

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_KEYS = {"check", "subject", "reason", "until"}


@dataclass(frozen=True, slots=True)
class Accepted:
    """One finding that is known; an empty subject is every subject of the check."""

    check: str
    subject: str
    reason: str
    until: str
    """Last day on which it holds, ISO 8601."""

    def __str__(self) -> str:
        return f"{self.check}{f' ({self.subject})' if self.subject else ''} until {self.until}"


@dataclass(frozen=True, slots=True)
class Baseline:
    """What is accepted."""

    entries: tuple[Accepted, ...] = ()

    def reason(self, check: str, subject: str, today: str) -> str:
        """Return why a finding is accepted, or nothing."""
        for entry in self.entries:
            same = entry.check == check and entry.subject in {"", subject}
            if same and entry.until >= today:
                return entry.reason
        return ""

    def expired(self, today: str) -> Iterator[Accepted]:
        """Yield the entries that hold no longer."""
        yield from (entry for entry in self.entries if entry.until < today)


def parse_baseline(text: str, file: str, checks: Iterable[str]) -> Baseline:
    """Read a baseline; an entry without reason or end, or for no check, is an error."""
    try:
        stored = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: {error}") from error
    entries = stored.pop("accepted", [])
    if stored or not isinstance(entries, list):
        raise ConfigError(f"{file}: only tables [[accepted]] are known here")
    known = set(checks)
    return Baseline(tuple(_entry(each, file, known) for each in entries))


def write_baseline(entries: Iterable[Accepted]) -> str:
    """Write a baseline; JSON's strings are TOML's."""
    head = "# Findings that are accepted: say why, and until when.\n"
    return head + "".join(
        "\n[[accepted]]\n"
        f"check = {json.dumps(each.check)}\n"
        f"subject = {json.dumps(each.subject)}\n"
        f"reason = {json.dumps(each.reason)}\n"
        f"until = {each.until}\n"
        for each in entries
    )


def _entry(stored: Any, file: str, known: set[str]) -> Accepted:
    if not isinstance(stored, dict) or set(stored) - _KEYS:
        raise ConfigError(f"{file}: an entry has check, subject, reason and until")
    check = str(stored.get("check", ""))
    if check not in known:
        raise ConfigError(f"{file}: there is no check {check!r}", hint="see docs/audit.md")
    reason, until = str(stored.get("reason", "")).strip(), str(stored.get("until", ""))
    if not reason:
        raise ConfigError(f"{file}: {check} is accepted without a reason")
    if not _DAY.fullmatch(until):
        raise ConfigError(f"{file}: {check} needs a last day", hint="until = 2027-01-31")
    return Accepted(check, str(stored.get("subject", "")), reason, until)
