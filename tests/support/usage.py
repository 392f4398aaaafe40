"""What a process uses: CPU time and memory, proc(5)."""

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process has used until a monotonic time, s."""

    cpu_s: float
    resident_kib: int
    at_s: float


def usage(process: int) -> Usage:
    """Read CPU time and resident memory of a process."""
    stat = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    ticks = int(stat[11]) + int(stat[12])
    status = Path(f"/proc/{process}/status").read_text()
    (resident,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return Usage(ticks / os.sysconf("SC_CLK_TCK"), int(resident.split()[1]), time.monotonic())
