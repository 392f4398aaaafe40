"""Puts a bundle where the operator wants it: whole or not at all, and over nothing but a bundle."""

import os
import shutil
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from floodwall.bundle.contents import SUMS
from floodwall.core.errors import ConfigError

_FILE_MODE: Final = 0o600  # addresses of people are in it
_FOLDER_MODE: Final = 0o700
_EARLIEST: Final = (1980, 1, 1, 0, 0, 0)  # of a ZIP file, APPNOTE.TXT section 4.4.6
_LATEST_YEAR: Final = 2107
_IN_USE: Final = "--force replaces a bundle; --out names another place"


def deliver(files: Mapping[str, bytes], place: Path, at: float | None, *, force: bool) -> None:
    """Write a folder, or a ZIP file if the place is called so; `at` is the time of its files."""
    target = Path(os.path.abspath(place))  # noqa: PTH100  a link in its place is not followed
    _check(target, force=force)
    scratch = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        if is_archive(target):
            _archive(files, scratch, at)
        else:
            _folder(files, scratch)
        _put(scratch, target)
    except OSError as error:
        raise ConfigError(
            f"cannot write {place}: {(error.strerror or 'failed').lower()}"
        ) from error
    finally:
        _remove(scratch)


def is_archive(place: Path) -> bool:
    """Tell whether a place is to be a file and not a folder."""
    return place.suffix.lower() == ".zip"


def _check(target: Path, *, force: bool) -> None:
    if not target.parent.is_dir():
        raise ConfigError(f"cannot write {target}: there is no such directory")
    if not target.exists() and not target.is_symlink():
        return
    if not force:
        raise ConfigError(f"{target} is there already", hint=_IN_USE)
    if not _is_bundle(target):
        raise ConfigError(
            f"{target} is no bundle of ours: it is not replaced", hint="choose another place"
        )


def _is_bundle(target: Path) -> bool:
    """Tell whether nothing is in a place but what a bundle's own list of sums names."""
    if target.is_symlink():
        return False
    if target.is_dir():
        there = {str(p.relative_to(target)) for p in target.rglob("*") if not p.is_dir()}
        sums = target / SUMS
        return sums.is_file() and there == _named(sums.read_bytes())
    try:
        with zipfile.ZipFile(target) as archive:
            return set(archive.namelist()) == _named(archive.read(SUMS))
    except (OSError, KeyError, zipfile.BadZipFile, RuntimeError):
        return False


def _named(sums: bytes) -> set[str]:
    lines = sums.decode("utf-8", "replace").splitlines()
    return {SUMS, *(line.partition("  ")[2] for line in lines)}


def _folder(files: Mapping[str, bytes], scratch: Path) -> None:
    scratch.mkdir(mode=_FOLDER_MODE)
    for name, content in files.items():
        path = scratch / name
        path.parent.mkdir(mode=_FOLDER_MODE, exist_ok=True)
        fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
        with os.fdopen(fd, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())


def _archive(files: Mapping[str, bytes], scratch: Path, at: float | None) -> None:
    """Write a ZIP file without compression: another zlib would make other bytes."""
    fd = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _FILE_MODE)
    with os.fdopen(fd, "wb") as file:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
            for name in sorted(files):
                entry = zipfile.ZipInfo(name, _stamp(at))
                entry.external_attr = _FILE_MODE << 16
                entry.create_system = 3  # Unix, whatever we run on
                archive.writestr(entry, files[name])
        file.flush()
        os.fsync(file.fileno())


def _stamp(at: float | None) -> tuple[int, int, int, int, int, int]:
    try:
        time = datetime.fromtimestamp(at or 0, UTC)
    except (OverflowError, OSError, ValueError):
        return _EARLIEST
    if not _EARLIEST[0] <= time.year <= _LATEST_YEAR:
        return _EARLIEST
    return time.year, time.month, time.day, time.hour, time.minute, time.second


def _put(scratch: Path, target: Path) -> None:
    """Move the new one into its place; a folder that is there is moved away before."""
    if not target.is_dir():
        scratch.replace(target)
        return
    before = target.with_name(f".{target.name}.{os.getpid()}.before")
    target.rename(before)
    try:
        scratch.rename(target)
    except OSError:
        before.rename(target)
        raise
    _remove(before)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
