"""What need not be done every second, and what is done ever more seldom while it is in vain.

Law: two programs that repair the same thing do not keep each other busy, and one trouble is told
once, not once a second.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from floodwall.core.duration import format_duration
from floodwall.core.errors import FloodwallError
from floodwall.core.model import SECOND_NS

SWEEP_NS: Final = 30 * SECOND_NS
"""Expired bans are removed so often; the data plane ignores them at once."""

HEAL_NS: Final = 2 * SECOND_NS
"""What is in the kernel is compared with what should be so often."""

TRIES: Final = 3
"""Troubles in a row that are met in the usual rhythm, as bans are (act/patience.py)."""

LONGEST_NS: Final = 60 * SECOND_NS
"""Then each wait is twice the one before, up to this."""

QUIET_NS: Final = 300 * SECOND_NS
"""Trouble that comes so long after the last is a new one."""


@dataclass(slots=True)
class Chore:
    """Something that is done again and again."""

    name: str
    every_ns: int
    due_ns: int
    _troubles: int = 0
    _trouble_ns: int = 0
    _why: str = field(default="")

    def run(self, now_ns: int, work: Callable[[], Iterable[str]]) -> list[str]:
        """Do it if it is due; return what the operator should know.

        What `work` says, and what it raises, is trouble: it found something that was not right.
        """
        if now_ns < self.due_ns:
            return []
        self.due_ns = now_ns + self.every_ns
        why = ""
        try:
            said = list(work())
        except (FloodwallError, OSError) as error:
            said, why = [f"failed: {self.name}: {error}"], str(error)
        return self._meet(now_ns, said, why) if said else []

    def _meet(self, now_ns: int, said: list[str], why: str) -> list[str]:
        if now_ns - self._trouble_ns >= QUIET_NS:
            self._troubles, self._why = 0, ""
        self._troubles, self._trouble_ns = self._troubles + 1, now_ns
        in_vain = self._troubles - TRIES
        if in_vain >= 0:
            # Sixty doublings are beyond any clock.
            wait_ns = min(self.every_ns << min(in_vain + 1, 60), LONGEST_NS)
            self.due_ns = now_ns + max(wait_ns, self.every_ns)
        if why:
            # The same failure is no news, however often it is met.
            news, self._why = why != self._why, why
            said = said if news else []
        elif in_vain > 0:
            said = []
        if in_vain == 0:
            longest = format_duration(max(LONGEST_NS, self.every_ns) / SECOND_NS)
            said.append(f"{self.name}: in vain {TRIES} times, tried more seldom, up to {longest}")
        return said


class Attempts:
    """What is done every second and may fail for want of something: told at begin and end."""

    def __init__(self) -> None:
        self._failing: dict[str, str] = {}

    def run(self, name: str, work: Callable[[], Iterable[str]]) -> list[str]:
        """Do it; return what it says, or that it fails, or that it works again."""
        try:
            said = list(work())
        except (FloodwallError, OSError) as error:
            before, self._failing[name] = self._failing.get(name), str(error)
            return [f"failed: {name}: {error}"] if before is None else []
        if self._failing.pop(name, None) is not None:
            said.append(f"{name}: works again")
        return said
