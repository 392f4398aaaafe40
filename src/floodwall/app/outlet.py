"""Lines to a standard output that somebody may read slowly, or not at all.

Law: the defence never waits for its reader.  Lines that find no room are left out and counted;
what has begun is finished, so that every line that arrives is whole.
"""

import contextlib
import select
import sys
import time
from os import write as write_bytes

ROOM_BYTES = 256 * 1024
"""Bytes that are kept for a reader that is slow."""

_ATOMIC = 4096  # PIPE_BUF: a pipe that is ready takes so much without waiting, pipe(7)
_LAST_S = 0.5


class Outlet:
    """Writes lines to the standard output as fast as they are taken."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._left_out = 0

    def write(self, line: str) -> None:
        """Add a line, and write what can be written."""
        fd = _descriptor()
        if fd is None:
            # A stream within this process: nobody is slow there.
            sys.stdout.write(f"{line}\n")
            return
        raw = f"{line}\n".encode(errors="replace")
        if len(self._kept) + len(raw) > ROOM_BYTES:
            self._left_out += 1
        else:
            self._kept += raw
        self._flush(fd, 0)

    def close(self) -> None:
        """Give a slow reader a last moment."""
        fd = _descriptor()
        if fd is not None:
            if self._left_out:
                sys.stderr.write(f"floodwall: nobody read {self._left_out} lines\n")
            self._flush(fd, _LAST_S)

    def _flush(self, fd: int, wait_s: float) -> None:
        deadline_s = time.monotonic() + wait_s
        while self._kept:
            left_s = max(0.0, deadline_s - time.monotonic())
            try:
                _, ready, _ = select.select([], [fd], [], left_s)
                if not ready:
                    return
                del self._kept[: write_bytes(fd, self._kept[:_ATOMIC])]
            except (OSError, ValueError):
                # A reader that went away is no reason to stop defending.
                self._kept.clear()


def _descriptor() -> int | None:
    with contextlib.suppress(OSError, ValueError, AttributeError):
        sys.stdout.flush()
        return sys.stdout.fileno()
    return None
