"""What the CPUs did, read from /proc/stat."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from floodwall.core.signs import CpuLoad
from floodwall.kernel.failure import kernel_error

_STAT = Path("/proc/stat")
_FIELDS = 8  # user nice system idle iowait irq softirq steal; guest times are in user and nice
_IDLE, _WAITING, _SOFTIRQ = 3, 4, 6


class Spent(NamedTuple):
    """Time that one CPU spent since boot, in USER_HZ."""

    total: int
    idle: int
    softirq: int


@dataclass(slots=True)
class CpuSensor:
    """Compares what the CPUs did by now with the last time."""

    _before: Mapping[str, Spent] = field(default_factory=dict)

    def read(self, stat: Path = _STAT) -> CpuLoad | None:
        """Return the load since the last time; None the first time."""
        try:
            now = spent(stat.read_text())
        except OSError as error:
            raise kernel_error("read", error.errno or 0, str(stat)) from error
        before, self._before = self._before, now
        return load(before, now)


def spent(text: str) -> dict[str, Spent]:
    """Read /proc/stat(5): the times of each CPU."""
    found: dict[str, Spent] = {}
    for line in text.splitlines():
        name, *values = line.split()
        if name.startswith("cpu") and name != "cpu":
            times = [int(value) for value in values[:_FIELDS]]
            found[name] = Spent(sum(times), times[_IDLE] + times[_WAITING], times[_SOFTIRQ])
    return found


def load(before: Mapping[str, Spent], now: Mapping[str, Spent]) -> CpuLoad | None:
    """Return the shares of the time between two readings; None if no time has passed."""
    # Counters of a CPU that was away may begin anew; idle ones are known to step back.
    parts = [
        Spent(*(max(0, new - old) for new, old in zip(now[name], before[name], strict=True)))
        for name in now.keys() & before.keys()
    ]
    total = sum(part.total for part in parts)
    if not total:
        return None
    return CpuLoad(
        busy=1 - min(total, sum(part.idle for part in parts)) / total,
        softirq=min(total, sum(part.softirq for part in parts)) / total,
        busiest_softirq=max(_share(part) for part in parts),
    )


def _share(part: Spent) -> float:
    return min(part.total, part.softirq) / max(part.total, 1)
