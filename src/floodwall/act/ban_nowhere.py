"""No place for bans at all: on the lowest rung we only look, and say so to whoever asks for one."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from floodwall.act.ban_backend import Ban
from floodwall.core.address import Network
from floodwall.core.errors import NotSupported
from floodwall.core.model import Guard


class NoBans:
    """Refuses every ban with the reasons why nothing better can be had."""

    precision_ns: Final = 0
    guards_first: Final = True

    def __init__(self, reasons: Iterable[str] = ()) -> None:
        self._reasons = "; ".join(reasons)
        self._guards: dict[Network, Guard] = {}

    def changing(self) -> AbstractContextManager[object]:
        """Nobody else writes: there is nothing to write into."""
        return nullcontext()

    def stored(self, now_ns: int) -> Iterator[Ban]:
        """Return nothing."""
        del now_ns
        return iter(())

    def put(self, bans: Mapping[Network, int], now_ns: int) -> None:
        """Raise NotSupported."""
        del bans, now_ns
        raise NotSupported(
            f"nothing can be banned on this machine: {self._reasons}", feature="bans"
        )

    def remove(self, networks: Iterable[Network]) -> None:
        """Nothing was ever there."""

    def sweep(self, now_ns: int) -> int:
        """Nothing expires."""
        del now_ns
        return 0

    def guards(self) -> dict[Network, Guard]:
        """Return the never-ban set."""
        return dict(self._guards)

    def allow(self, network: Network) -> None:
        """Add to the never-ban set."""
        self._guards[network] = Guard.OPERATOR

    def disallow(self, network: Network) -> None:
        """Take from the never-ban set."""
        self._guards.pop(network, None)

    def set_guards(self, guards: Mapping[Network, Guard]) -> None:
        """Replace the never-ban set."""
        self._guards = dict(guards)

    def repair(self, now_ns: int) -> list[str]:
        """Nothing can break."""
        del now_ns
        return []

    def untouched(self) -> bool:
        """Nobody can change anything."""
        return True

    def destroy(self) -> bool:
        """Nothing is there."""
        return False

    def close(self) -> None:
        """Nothing is open."""
