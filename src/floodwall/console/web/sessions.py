"""Who is logged in, and how often somebody may try to be.

Law: it is given the time, and whatever strangers do cannot make it grow.
"""

import secrets
from dataclasses import dataclass

from floodwall.console.web.tokens import Level, Token, digest
from floodwall.core.bucket import Bucket

SESSIONS_MAX = 512
"""So many are logged in at most; the one that was quiet for the longest time makes room."""

LASTS_S = 12 * 3600
"""A session ends so long after the log-in."""

TRIES_S, TRIES_BURST = 0.5, 10.0
"""Failed log-ins of one address, a second and at once."""

ALL_TRIES_S, ALL_TRIES_BURST = 20.0, 100.0
"""Failed log-ins of everybody together."""

ADDRESSES_MAX = 1024
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in."""

    name: str
    level: Level
    token_sha256: str
    ends_ns: int


class Sessions:
    """Knows sessions by the SHA-256 of their cookie."""

    def __init__(self) -> None:
        self._sessions: dict[str, Session] = {}

    def open(self, token: Token, now_ns: int) -> str:
        """Begin a session, and return its cookie."""
        cookie = secrets.token_urlsafe(_SECRET_BYTES)
        while len(self._sessions) >= SESSIONS_MAX:
            del self._sessions[next(iter(self._sessions))]
        ends_ns = now_ns + LASTS_S * 10**9
        self._sessions[digest(cookie)] = Session(token.name, token.level, token.sha256, ends_ns)
        return cookie

    def find(self, cookie: str, now_ns: int) -> Session | None:
        """Return whose cookie this is."""
        key = digest(cookie)
        session = self._sessions.pop(key, None)
        if session is None or session.ends_ns <= now_ns:
            return None
        self._sessions[key] = session  # behind all others: it is not quiet
        return session

    def close(self, cookie: str) -> None:
        """End a session."""
        self._sessions.pop(digest(cookie), None)

    def keep(self, tokens: tuple[Token, ...]) -> None:
        """End the sessions of those whose token is no more, or has another role."""
        alive = {(each.sha256, each.level) for each in tokens}
        self._sessions = {
            key: each
            for key, each in self._sessions.items()
            if (each.token_sha256, each.level) in alive
        }

    def __len__(self) -> int:
        return len(self._sessions)


class Tries:
    """Bounds how often log-ins may fail."""

    def __init__(self, now_ns: int) -> None:
        self._all = Bucket.full(ALL_TRIES_S, ALL_TRIES_BURST, now_ns)
        self._by_address: dict[str, Bucket] = {}

    def wait_ns(self, address: str, now_ns: int) -> int:
        """Return how long this address has to wait before it may try again."""
        self._all = self._all.refilled(now_ns)
        mine = self._mine(address, now_ns)
        return max(self._all.wait_ns(), mine.wait_ns())

    def failed(self, address: str, now_ns: int) -> None:
        """Take note of a failure."""
        self._all = self._all.refilled(now_ns).spent()
        mine = self._mine(address, now_ns).spent()
        self._by_address.pop(address, None)
        if len(self._by_address) >= ADDRESSES_MAX:
            del self._by_address[next(iter(self._by_address))]
        self._by_address[address] = mine

    def _mine(self, address: str, now_ns: int) -> Bucket:
        full = Bucket.full(TRIES_S, TRIES_BURST, now_ns)
        return self._by_address.get(address, full).refilled(now_ns)
