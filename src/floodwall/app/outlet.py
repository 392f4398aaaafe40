"""Lines to a standard output that somebody may read slowly, or not at all.

Law: the defence never waits for its reader.  Lines that find no room are left out and counted;
what has begun is finished, so that every line that arrives is whole.
"""

import contextlib
import io
import os
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
        self._terminal: int | None = None

    def write(self, line: str) -> None:
        """Add a line, and write what can be written."""
        self.add(f"{line}\n")

    def add(self, text: str) -> None:
        """Add text that is whole or not there, and write what can be written."""
        fd = self._descriptor()
        if fd is None:
            # A stream within this process: nobody is slow there.  Or there is none at all.
            if sys.stdout is not None:
                sys.stdout.write(text)
            return
        raw = text.encode(errors="replace")
        if len(self._kept) + len(raw) > ROOM_BYTES:
            self._left_out += 1
        else:
            self._kept += raw
        self._flush(fd, 0)

    def close(self) -> None:
        """Give a slow reader a last moment."""
        fd = self._descriptor()
        if fd is not None:
            if self._left_out:
                with contextlib.suppress(OSError, ValueError):
                    sys.stderr.write(f"floodwall: nobody read {self._left_out} lines\n")
            self._flush(fd, _LAST_S)
        if self._terminal is not None:
            os.close(self._terminal)
            self._terminal = None

    def _flush(self, fd: int, wait_s: float) -> None:
        deadline_s = time.monotonic() + wait_s
        while self._kept:
            left_s = max(0.0, deadline_s - time.monotonic())
            try:
                _, ready, _ = select.select([], [fd], [], left_s)
                if not ready:
                    return
                del self._kept[: write_bytes(fd, self._kept[:_ATOMIC])]
            except BlockingIOError:
                return
            except (OSError, ValueError):
                # A reader that went away is no reason to stop defending.
                self._kept.clear()

    def _descriptor(self) -> int | None:
        if self._terminal is not None:
            return self._terminal
        with contextlib.suppress(OSError, ValueError, AttributeError):
            sys.stdout.flush()
            fd = sys.stdout.fileno()
            if os.isatty(fd):
                self._terminal = _reopened(fd)
            return fd if self._terminal is None else self._terminal
        return None


class Screen(io.TextIOBase):
    """A terminal as a file for those who draw: each drawing is whole or not there."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self._outlet = Outlet()
        self._drawing: list[str] = []

    def write(self, text: str, /) -> int:
        """Take a part of a drawing."""
        self._drawing.append(text)
        return len(text)

    def flush(self) -> None:
        """Show what was drawn."""
        drawing, self._drawing = "".join(self._drawing), []
        if drawing:
            self._outlet.add(drawing)

    def isatty(self) -> bool:
        """Say what the standard output is."""
        return sys.stdout is not None and sys.stdout.isatty()

    def close(self) -> None:
        """Give a slow terminal a last moment."""
        if not self.closed:
            self.flush()
            self._outlet.close()
        super().close()


def _reopened(fd: int) -> int | None:
    """Open a terminal once more, for us alone, so that no write to it ever waits.

    The terminal of an SSH session is full when nobody reads at the other end, and a write to it
    then sleeps even if it was ready for less.  The shell shares the first opening.
    """
    flags = os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC
    with contextlib.suppress(OSError):
        return os.open(f"/proc/self/fd/{fd}", flags)
    return None
