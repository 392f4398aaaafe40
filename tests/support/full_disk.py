"""A process with a small disk of its own, in a mount namespace that ends with it.

Run as `unshare --mount python -m tests.support.full_disk`; it writes a JSON object of what it saw.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from floodwall.store.database import read_only
from tests.support.records import BEGAN_NS, HOUR_NS, Diary, ban, life, moment, network, rows

DISK_BYTES = 1 << 20
_MS_PRIVATE_REC = 1 << 18 | 1 << 14
_LATER_NS = BEGAN_NS + 100 * HOUR_NS


def mount_small_disk(directory: Path) -> None:
    """Mount a tmpfs of a mebibyte; nobody outside of this namespace sees it."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.mount(b"none", b"/", None, _MS_PRIVATE_REC, None):
        raise OSError(ctypes.get_errno(), "keep mounts to ourselves")
    options = f"size={DISK_BYTES}".encode()
    if libc.mount(b"tmpfs", os.fsencode(directory), b"tmpfs", 0, options):
        raise OSError(ctypes.get_errno(), "mount a small tmpfs")


def fill(directory: Path) -> Path:
    """Take what is left of the disk, to the last byte."""
    ballast = directory / "ballast"
    with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(b"x" * 4096)
    return ballast


def play(disk: Path) -> dict[str, Any]:
    """Keep a record while the disk fills up, through a restart, and until there is room."""
    seen: dict[str, Any] = {}
    place = disk / "record"
    diary = Diary(place)
    diary.second(0, [ban(network(0), _LATER_NS)])
    ballast = fill(disk)
    before_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    slowest_s = 0.0
    for second in range(1, 1200):
        began = time.monotonic()
        commands = [ban(network(second * 20 + n), _LATER_NS) for n in range(20)]
        diary.second(second, commands)
        slowest_s = max(slowest_s, time.monotonic() - began)
    seen["slowest_s"] = slowest_s
    seen["trouble"] = diary.recorder.trouble
    seen["known"] = len(diary.recorder.bans())
    seen["told"] = diary.recorder.take_told()
    seen["grown_kib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before_kib
    reader = read_only(place / "record.db")
    seen["readable"] = reader.execute("SELECT count(*) FROM bans").fetchone()[0]
    reader.close()
    diary.flush()
    seen["integrity"] = rows(place, "PRAGMA integrity_check")
    written = rows(place, "SELECT count(*) FROM bans WHERE ended = ''")[0][0]
    diary = Diary(place, life("second", at=moment(2000)))
    seen["restored_on_a_full_disk"] = len(diary.found.bans) == written
    diary.second(2001, [ban(network(7), _LATER_NS)])
    ballast.unlink()
    began = time.monotonic()
    second = 2002
    while time.monotonic() - began < 15:
        diary.second(second)
        second += 1
        with contextlib.suppress(Exception):
            if rows(place, "SELECT count(*) FROM runs")[0][0] == 2 and not diary.recorder.trouble:
                break
        time.sleep(0.1)
    seen["recovered_s"] = time.monotonic() - began
    diary.second(second + 1)
    diary.flush()
    seen["after"] = rows(place, "SELECT count(*) FROM bans WHERE ended = ''")[0][0] == written + 1
    seen["integrity_after"] = rows(place, "PRAGMA integrity_check")
    return seen


def main() -> None:
    """Play it on a disk that is gone afterwards."""
    with tempfile.TemporaryDirectory() as directory:
        mount_small_disk(Path(directory))
        try:
            seen = play(Path(directory))
        finally:
            ctypes.CDLL(None).umount2(os.fsencode(directory), 2)
    json.dump(seen, sys.stdout)


if __name__ == "__main__":
    main()
