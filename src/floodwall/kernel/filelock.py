"""Locks between processes: one holder of a file, released by the kernel when the holder dies."""

import errno
import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import Self

from floodwall.kernel.failure import kernel_error


class FileLock:
    """An exclusive flock(2); the file's text, if any, says who holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._fd: int | None = None

    def acquire(self, *, wait: bool = True) -> bool:
        """Take the lock; without `wait` return False if somebody else holds it."""
        while (fd := self._open(wait=wait)) is not None:
            # The file may have been removed between open() and flock(): such a lock is nobody's.
            if self._is_there(fd):
                self._fd = fd
                return True
            os.close(fd)
        return False

    def _open(self, *, wait: bool) -> int | None:
        try:
            fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise kernel_error("open lock", error.errno or 0, os.fspath(self.path)) from error
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except OSError as error:
            os.close(fd)
            if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
                return None
            raise kernel_error("lock", error.errno or 0, os.fspath(self.path)) from error
        return fd

    def _is_there(self, fd: int) -> bool:
        try:
            return os.path.samestat(os.fstat(fd), self.path.stat())
        except FileNotFoundError:
            return False

    def write(self, text: str) -> None:
        """Say who holds the lock."""
        if self._fd is None:
            raise RuntimeError("the lock is not held")
        try:
            os.ftruncate(self._fd, 0)
            os.pwrite(self._fd, text.encode(), 0)
        except OSError as error:
            raise kernel_error("write lock", error.errno or 0, os.fspath(self.path)) from error

    def release(self) -> None:
        """Let the next one have it."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def __enter__(self) -> Self:
        """Wait for the lock, unless it is already held."""
        if self._fd is None:
            self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Release it."""
        self.release()


def is_locked(path: Path) -> bool:
    """Tell whether somebody holds the lock of this file; a missing file is not locked."""
    if not path.exists():
        return False
    probe = FileLock(path)
    free = probe.acquire(wait=False)
    probe.release()
    return not free
