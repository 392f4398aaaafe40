"""The record of this network namespace, for whoever asks: with or without a daemon."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from floodwall.kernel.bpffs import run_directory
from floodwall.store.history import History
from floodwall.store.moment import Anchor, Moment, boot_id
from floodwall.store.place import find_record


@contextmanager
def open_past(record: Path | None = None) -> Iterator[History]:
    """Open a record for a while: the one that is named, or that of this network namespace."""
    path = record or find_record(run_directory())
    now = Anchor(boot_id(), Moment(time.monotonic_ns(), time.time_ns()))
    with History.of(path, now) as history:
        yield history
