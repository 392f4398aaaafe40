"""The file of targets, and whether it is kept as secrets are."""

import os
import stat
from pathlib import Path

from floodwall.core.alert_targets import Target, parse_targets
from floodwall.core.errors import ConfigError

_LARGEST_BYTES = 64 * 1024
_CREDENTIALS = "CREDENTIALS_DIRECTORY"  # systemd.exec(5), LoadCredential=


def place_of(name: str) -> Path:
    """Return the path of the file; a bare name is one of the unit's credentials."""
    if name.startswith("/"):
        return Path(name)
    folder = os.environ.get(_CREDENTIALS)
    if folder is None:
        raise ConfigError(
            f"alerts.targets is {name!r}, and there are no credentials here",
            hint="give an absolute path, or LoadCredential= in the unit",
        )
    return Path(folder) / name


def read_targets(name: str) -> dict[str, Target]:
    """Read the targets, or raise ConfigError; a file that others may read or write is refused."""
    if not name:
        raise ConfigError(
            "alerts.targets is not set: nobody would be told",
            hint="name a file of targets; docs/alerts.md shows one",
        )
    path = place_of(name)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            _check(os.fstat(fd), path, credential=not name.startswith("/"))
            raw = file.read(_LARGEST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from None
    if len(raw) > _LARGEST_BYTES:
        raise ConfigError(f"{path} is larger than {_LARGEST_BYTES // 1024} KiB")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not UTF-8") from None
    return parse_targets(text, str(path))


def _check(found: os.stat_result, path: Path, *, credential: bool) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise ConfigError(f"cannot read {path}: it is not a regular file")
    if found.st_uid not in {0, os.geteuid()}:
        raise ConfigError(f"{path} belongs to uid {found.st_uid}, neither root nor this user")
    # systemd gives a credential to a unit's user by an ACL, whose mask shows as the group's bits.
    forbidden = 0o037 if credential else 0o077
    if found.st_mode & forbidden:
        raise ConfigError(
            f"{path} holds secrets, and others may read or write it", hint=f"chmod 600 {path}"
        )
