"""A backend of bans in this process' memory, for tests that need no kernel."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from floodwall.act.ban_backend import Ban
from floodwall.core.address import Network
from floodwall.core.errors import KernelError
from floodwall.core.model import Guard


class MemoryBans:
    """Stores bans in a dictionary; `broken` lets every change fail."""

    precision_ns: Final = 0

    def __init__(self, *, guards_first: bool = True) -> None:
        self.guards_first = guards_first
        self.content: dict[Network, int] = {}
        self.guarded: dict[Network, Guard] = {}
        self.broken = False
        self.framed = True
        self.looks = 0
        self.changed = True

    def changing(self) -> AbstractContextManager[object]:
        """Nobody else writes."""
        return nullcontext()

    def stored(self, now_ns: int) -> Iterator[Ban]:
        """Return what there is."""
        del now_ns
        self.looks += 1
        return iter([Ban(network, until_ns) for network, until_ns in self.content.items()])

    def put(self, bans: Mapping[Network, int], now_ns: int) -> None:
        """Add to it."""
        del now_ns
        if self.broken:
            raise KernelError("change bans: No space left on device")
        self.content |= bans

    def remove(self, networks: Iterable[Network]) -> None:
        """Take from it."""
        for network in networks:
            self.content.pop(network, None)

    def sweep(self, now_ns: int) -> int:
        """Remove what expired."""
        gone = [net for net, until_ns in self.content.items() if 0 < until_ns <= now_ns]
        self.remove(gone)
        return len(gone)

    def guards(self) -> dict[Network, Guard]:
        """Return the never-ban set."""
        return dict(self.guarded)

    def allow(self, network: Network) -> None:
        """Add to the never-ban set."""
        self.guarded[network] = Guard.OPERATOR

    def disallow(self, network: Network) -> None:
        """Take from the never-ban set."""
        del self.guarded[network]

    def set_guards(self, guards: Mapping[Network, Guard]) -> None:
        """Replace the never-ban set."""
        self.guarded = dict(guards)

    def repair(self, now_ns: int) -> list[str]:
        """Make the frame again."""
        del now_ns
        was, self.framed = self.framed, True
        return [] if was else ["made the table again"]

    def untouched(self) -> bool:
        """Tell what the test says."""
        return not self.changed

    def destroy(self) -> bool:
        """Forget everything."""
        there = bool(self.content)
        self.content.clear()
        return there

    def close(self) -> None:
        """Nothing is open."""
