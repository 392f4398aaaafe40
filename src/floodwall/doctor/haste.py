"""Lets an examination go first on a machine that is short of CPU: it takes less than a second."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress

NICENESS = -10
"""Before all that users run, behind what keeps the machine alive."""


@contextmanager
def haste() -> Iterator[None]:
    """Go first for as long as a block runs; without the privilege, take turns as before."""
    before = os.getpriority(os.PRIO_PROCESS, 0)
    with suppress(PermissionError):
        os.setpriority(os.PRIO_PROCESS, 0, min(before, NICENESS))
    try:
        yield
    finally:
        os.setpriority(os.PRIO_PROCESS, 0, before)
