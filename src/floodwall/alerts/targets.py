"""The file of targets, and whether it is kept as secrets are."""

import os
import stat
from pathlib import Path

from floodwall.core.alert_targets import Target, parse_targets
from floodwall.core.errors import ConfigError

_LARGEST_BYTES = 64 * 1024
_CREDENTIALS = "CREDENTIALS_DIRECTORY"  # systemd.exec(5), LoadCredential=


def place_of(name: str, beside: Path) -> Path:
    """Return the path; a bare name is a credential of the unit, or stands beside the settings."""
    folder = os.environ.get(_CREDENTIALS)
    return Path(name) if name.startswith("/") else (Path(folder) if folder else beside) / name


def read_targets(name: str, beside: Path) -> dict[str, Target]:
    """Read the targets, or raise ConfigError; a file that others may read or write is refused."""
    if not name:
        raise ConfigError(
            "alerts.targets is not set: nobody would be told",
            hint="name a file of targets; docs/alerts.md shows one",
        )
    path = place_of(name, beside)
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(fd, "rb") as file:
            _check(os.fstat(fd), path, credential=_is_credential(path))
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


def _is_credential(path: Path) -> bool:
    folder = os.environ.get(_CREDENTIALS)
    return bool(folder) and path.parent == Path(folder or "")


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
