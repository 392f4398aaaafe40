"""The operator's words: why a network is banned, and what must never be banned.

The data plane knows until when; why, since when and by whom stands here.
"""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from floodwall.core.address import Network, parse_network
from floodwall.core.errors import ConfigError
from floodwall.kernel.filelock import FileLock
from floodwall.store.atomic import read_json, write_json

_FILE = "words.json"
_LOCK = "words.lock"
_BANS, _ALLOWED, _LIFTED = "bans", "allowed", "lifted"


@dataclass(frozen=True, slots=True)
class Word:
    """What the operator said about a network; times are ISO 8601 in UTC."""

    since: str
    reason: str
    until_ns: int
    """CLOCK_MONOTONIC nanoseconds; 0 is until taken back."""


class Words:
    """The file of one network namespace, shared by the daemon and the command line."""

    def __init__(self, run: Path) -> None:
        self._path = run / _FILE
        self._lock = run / _LOCK

    def bans(self) -> dict[Network, Word]:
        """Return what was said about bans."""
        return self._read(_BANS)

    def allowed(self, now_ns: int) -> dict[Network, Word]:
        """Return what must never be banned at this time."""
        words = self._read(_ALLOWED)
        return {net: word for net, word in words.items() if not 0 < word.until_ns <= now_ns}

    def say_ban(self, network: Network, word: Word) -> None:
        """Remember why a network is banned."""
        self._change(_BANS, network, word)

    def forget_ban(self, network: Network) -> None:
        """Forget why a network was banned."""
        self._change(_BANS, network, None)

    def say_lifted(self, network: Network, word: Word) -> None:
        """Remember, for the daemon, that a ban was lifted beside it."""
        self._change(_LIFTED, network, word)

    def take_lifted(self) -> frozenset[Network]:
        """Return what was lifted beside the daemon since the last time, and forget it."""
        lifted = frozenset(self._read(_LIFTED))
        for network in lifted:
            self._change(_LIFTED, network, None)
        return lifted

    def say_allowed(self, network: Network, word: Word) -> None:
        """Remember that a network must never be banned."""
        self._change(_ALLOWED, network, word)

    def forget_allowed(self, network: Network) -> bool:
        """Take that back; return whether it had been said."""
        return self._change(_ALLOWED, network, None)

    def _read(self, part: str) -> dict[Network, Word]:
        """Read what is readable: one damaged word must not silence the others."""
        stored: Any = read_json(self._path, {})
        words: dict[Network, Word] = {}
        members = stored.get(part, {}) if isinstance(stored, dict) else {}
        for name, fields in members.items():
            try:
                words[parse_network(name)] = Word(**fields)
            except (ConfigError, TypeError):
                continue
        return words

    def _change(self, part: str, network: Network, word: Word | None) -> bool:
        with FileLock(self._lock):
            found = read_json(self._path, {})
            stored: dict[str, dict[str, Any]] = found if isinstance(found, dict) else {}
            members = stored.setdefault(part, {})
            known = members.pop(str(network), None) is not None
            if word is not None:
                members[str(network)] = asdict(word)
            write_json(self._path, stored)
        return known
