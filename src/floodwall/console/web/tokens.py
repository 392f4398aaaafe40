"""Who may look at the console, and who may operate: names with tokens.

Law: a token is shown once and kept as its SHA-256 alone.  It has 256 bits of its own, so that a
fast hash is enough: nobody can guess what it was made from.
"""

import hashlib
import hmac
import os
import re
import secrets
import stat
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import msgspec

from floodwall.core.errors import ConfigError
from floodwall.store.atomic import write_json

VERSION = 1
TOKENS_MAX = 256
LARGEST_BYTES = 256 * 1024

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,31}")
_TOKEN_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class Level(StrEnum):
    """What somebody may do in the console."""

    VIEW = "view"
    OPERATE = "operate"

    def allows(self, needed: "Level") -> bool:
        """Tell whether this is enough for something."""
        return self is Level.OPERATE or self is needed


@dataclass(frozen=True, slots=True)
class Token:
    """Somebody who may log in."""

    name: str
    level: Level
    sha256: str
    made: str
    """Day on which it was made, ISO 8601."""


@dataclass(frozen=True, slots=True)
class _File:
    version: int
    tokens: tuple[Token, ...]


def make_token(name: str, level: Level, day: str) -> tuple[Token, str]:
    """Return a new token and the text that it is known by, which is kept nowhere."""
    if not _NAME.fullmatch(name):
        raise ConfigError(
            f"{name!r} is no name for a token", hint="letters, digits and . _ @ -, at most 32"
        )
    text = f"fw_{secrets.token_urlsafe(_TOKEN_BYTES)}"
    return Token(name, level, digest(text), day), text


def digest(text: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def find(tokens: Iterable[Token], text: str) -> Token | None:
    """Return whose token this is; it takes as long whoever it is, and if it is nobody."""
    given, found = digest(text), None
    for token in tokens:
        if hmac.compare_digest(token.sha256, given):
            found = token
    return found


def added(tokens: tuple[Token, ...], token: Token) -> tuple[Token, ...]:
    """Return the tokens with one more, or raise ConfigError."""
    if any(each.name == token.name for each in tokens):
        raise ConfigError(f"{token.name} has a token already", hint="remove it first")
    if len(tokens) >= TOKENS_MAX:
        raise ConfigError(f"there are {TOKENS_MAX} tokens already")
    return (*tokens, token)


def removed(tokens: tuple[Token, ...], name: str) -> tuple[Token, ...]:
    """Return the tokens without that of a name, or raise ConfigError."""
    left = tuple(each for each in tokens if each.name != name)
    if len(left) == len(tokens):
        raise ConfigError(f"nobody called {name} has a token")
    return left


def read_tokens(path: Path) -> tuple[Token, ...]:
    """Return who may log in, or raise ConfigError; a file that is not there is nobody."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
    return tokens_of(fd, str(path))


def tokens_of(fd: int, name: str) -> tuple[Token, ...]:
    """Return who may log in by an open file, which is closed; or raise ConfigError."""
    with os.fdopen(fd, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode):
            raise ConfigError(f"{name} is not a regular file")
        if about.st_mode & _OTHERS:
            raise ConfigError(f"others may read or write {name}", hint=f"chmod 600 {name}")
        raw = file.read(LARGEST_BYTES)
    try:
        found = msgspec.json.decode(raw, type=_File)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{name} is damaged: {error}") from error
    if found.version != VERSION:
        raise ConfigError(f"{name} has version {found.version}, this program reads {VERSION}")
    return found.tokens


def write_tokens(path: Path, tokens: Iterable[Token]) -> None:
    """Replace the file, mode 0600, or raise ConfigError."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_json(path, {"version": VERSION, "tokens": [asdict(each) for each in tokens]})
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
