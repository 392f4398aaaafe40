"""Lines of the kernel's log that speak of floods.

Law: hints only.  The log is one for the whole machine, not for this network namespace; the kernel
limits its lines, and silence in it means nothing.
"""

import errno
import os
import re
from collections.abc import Iterator
from pathlib import Path

from floodwall.core.signs import KernelHint
from floodwall.kernel.failure import kernel_error

_KMSG = Path("/dev/kmsg")
_RECORDS_MAX = 512  # lines a second; what is more is read in the next
_RECORD_BYTES = 8192  # PRINTK_MESSAGE_MAX is 2048, and a record is refused a smaller buffer
_FACILITY_SHIFT = 3
_NS_IN_US = 1000
_HEAD = re.compile(r"(\d+),\d+,(\d+),[^;]*;(.*)")  # priority, number, microseconds since boot
_KINDS = (
    # Before 6.3 the port stood alone; since then its address stands before it.
    ("syn_flooding", re.compile(r"[Pp]ossible SYN flooding on port (?:\S*:)?(\d+)\.")),
    ("conntrack_full", re.compile(r"nf_conntrack: table full, dropping packet")),
    ("too_many_orphans", re.compile(r"TCP: too many (?:of )?orphaned sockets")),
    ("out_of_socket_memory", re.compile(r"TCP: out of memory|Out of socket memory")),
    ("oom", re.compile(r"[Oo]ut of memory: Killed process|invoked oom-killer")),
)
_KEPT_BACK = frozenset({errno.EPERM, errno.EACCES, errno.ENOENT, errno.ENXIO})


class KernelLog:
    """Follows /dev/kmsg(4) from where it ended when it was opened."""

    def __init__(self, path: Path = _KMSG) -> None:
        self._path = path
        self._fd: int | None = None

    def read(self) -> tuple[KernelHint, ...] | None:
        """Return the hints since the last time, none the first time.

        None where the log is kept from us, as by kernel.dmesg_restrict without CAP_SYSLOG, or by
        ProtectKernelLogs of systemd.exec(5): that is no failure, since nothing depends on hints.
        """
        try:
            if self._fd is None:
                return self._open()
            return tuple(hints(_records(self._fd)))
        except OSError as error:
            raise kernel_error("read", error.errno or 0, str(self._path)) from error

    def _open(self) -> tuple[KernelHint, ...] | None:
        try:
            self._fd = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError as error:
            if error.errno in _KEPT_BACK:
                return None
            raise
        os.lseek(self._fd, 0, os.SEEK_END)
        return ()

    def close(self) -> None:
        """Let go of the log."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def hints(records: Iterator[bytes]) -> Iterator[KernelHint]:
    """Find what records of /dev/kmsg say about floods; only the kernel's own count."""
    for record in records:
        head = _HEAD.match(record.decode(errors="replace"))
        # Whoever writes to /dev/kmsg can take any facility but the kernel's, devkmsg_write().
        if head is None or int(head[1]) >> _FACILITY_SHIFT:
            continue
        for kind, pattern in _KINDS:
            if found := pattern.search(head[3]):
                port = int(found[1]) if found.groups() else None
                yield KernelHint(int(head[2]) * _NS_IN_US, kind, port)
                break


def _records(fd: int) -> Iterator[bytes]:
    for _ in range(_RECORDS_MAX):
        try:
            yield os.read(fd, _RECORD_BYTES)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.EPIPE:  # overwritten before we came: go on with the oldest
                raise
