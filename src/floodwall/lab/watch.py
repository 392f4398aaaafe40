"""Follows the services under attack through the daemon's maps: armed, first challenge, calm."""

import time
from dataclasses import dataclass, replace

from floodwall.kernel.tables import Tables
from floodwall.lab.defence import states

_STEP_S = 0.25
CALM_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Arming:
    """Moments of one attack, monotonic ns; None where it has not come to that."""

    armed_ns: int | None = None
    challenge_ns: int | None = None
    armed_until_ns: int | None = None


class Watch:
    """Looks at the states again and again, and keeps the first moments of each kind."""

    def __init__(self, tables: Tables, since_ns: int) -> None:
        """Look at what happens after `since_ns`."""
        self._tables = tables
        self._since_ns = since_ns
        self.arming = Arming()

    def look(self) -> None:
        """Take in the present states; the earliest arming of any service counts."""
        for state in states(self._tables):
            if state.armed_at_ns < self._since_ns:
                continue
            seen = self.arming
            until = max(state.armed_until_ns, seen.armed_until_ns or 0)
            seen = replace(seen, armed_until_ns=until)
            first = seen.armed_ns is None or state.armed_at_ns <= seen.armed_ns
            if first and state.first_challenge_ns:
                seen = replace(
                    seen, armed_ns=state.armed_at_ns, challenge_ns=state.first_challenge_ns
                )
            self.arming = seen

    def look_until(self, stop_ns: int) -> None:
        """Go on looking until a monotonic time."""
        while (left := stop_ns - time.monotonic_ns()) > 0:
            self.look()
            time.sleep(min(_STEP_S, left / 1e9))

    def wait_for_calm(self) -> bool:
        """Go on looking until nothing is armed; say whether it came to that."""
        deadline = time.monotonic() + CALM_WITHIN_S
        while time.monotonic() < deadline:
            self.look()
            until = self.arming.armed_until_ns
            if until is None or time.monotonic_ns() >= until:
                return True
            time.sleep(_STEP_S)
        return False
