"""Heals the same object a few times, then leaves it alone for a while: two that repair, fight.

Precedent: systemd's StartLimitBurst, five starts in ten seconds.
"""

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Final

from floodwall.core.model import SECOND_NS

HEALS: Final = 3
"""An object is healed so often within `WINDOW_NS`."""
WINDOW_NS: Final = 300 * SECOND_NS
_OBJECTS_MAX = 4096


@dataclass(slots=True)
class _Heals:
    since_ns: int
    count: int = 0
    told: bool = False


class Patience:
    """Counts the heals of each object."""

    def __init__(self) -> None:
        self._heals: dict[Hashable, _Heals] = {}

    def is_left(self, thing: Hashable, now_ns: int) -> bool:
        """Tell whether an object was healed so often that it is left alone for now."""
        heals = self._heals.get(thing)
        if heals is None or now_ns - heals.since_ns >= WINDOW_NS:
            return False
        return heals.count >= HEALS

    def healed(self, thing: Hashable, now_ns: int) -> None:
        """Count one heal of an object."""
        heals = self._heals.get(thing)
        if heals is None or now_ns - heals.since_ns >= WINDOW_NS:
            self._make_room(now_ns)
            heals = self._heals[thing] = _Heals(now_ns)
        heals.count += 1

    def is_news(self, thing: Hashable) -> bool:
        """Tell, once a window, that an object is left alone."""
        heals = self._heals.get(thing)
        if heals is None or heals.told:
            return False
        heals.told = True
        return True

    def size(self) -> int:
        """Return how many objects are remembered."""
        return len(self._heals)

    def _make_room(self, now_ns: int) -> None:
        if len(self._heals) < _OBJECTS_MAX:
            return
        live = {t: h for t, h in self._heals.items() if now_ns - h.since_ns < WINDOW_NS}
        # More objects than that are not one tug of war: forgetting means healing once more.
        self._heals = live if len(live) < _OBJECTS_MAX else {}
