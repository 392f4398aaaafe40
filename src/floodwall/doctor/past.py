"""What the kernel's log said lately about floods."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from floodwall.core.diagnosis.symptoms import Hint
from floodwall.core.model import SECOND_NS
from floodwall.sense.kernel_log import hints

_KMSG = Path("/dev/kmsg")
_RECORD_BYTES = 8192
_RECORDS_MAX = 50_000  # a log of 16 MiB; read in a quarter of a second


def read_past(path: Path = _KMSG) -> tuple[Hint, ...] | None:
    """Return the lines that are still in the log, newest first; None where it is kept from us.

    Minimum kernel: 3.5; before, /dev/kmsg can only be written.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        now_ns = time.monotonic_ns()
        found = [
            Hint(max(0.0, (now_ns - hint.at_ns) / SECOND_NS), hint.kind, hint.port)
            for hint in hints(_records(fd))
        ]
    except OSError:
        return None
    finally:
        os.close(fd)
    return tuple(sorted(found, key=lambda hint: hint.age_s))


def _records(fd: int) -> Iterator[bytes]:
    for _ in range(_RECORDS_MAX):
        try:
            record = os.read(fd, _RECORD_BYTES)
        except BlockingIOError:
            return
        except BrokenPipeError:
            continue  # overwritten before we came
        if not record:
            return
        yield record
