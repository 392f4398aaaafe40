"""What a place for bans must be able to do: maps, nftables sets, routes.

Law: a backend stores and removes; whether a network may be banned is decided before.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from floodwall.core.address import Network
from floodwall.core.model import Guard


@dataclass(frozen=True, slots=True)
class Ban:
    """A banned network; times are CLOCK_MONOTONIC nanoseconds, an expiry of 0 is none."""

    network: Network
    expires_ns: int
    hits: int = 0
    last_hit_ns: int = 0

    def holds(self, now_ns: int) -> bool:
        """Tell whether it has not expired."""
        return not 0 < self.expires_ns <= now_ns


class BanBackend(Protocol):
    """Where the bans of one network namespace are kept, and enforced by the kernel."""

    @property
    def precision_ns(self) -> int:
        """How far a stored expiry may be from the one that was wanted."""

    @property
    def guards_first(self) -> bool:
        """Whether the kernel asks the never-ban set before it drops by a ban."""

    def changing(self) -> AbstractContextManager[object]:
        """Keep other writers out for as long as the block runs."""

    def stored(self, now_ns: int) -> Iterator[Ban]:
        """Return every entry, also those that expired and were not removed yet."""

    def put(self, bans: Mapping[Network, int], now_ns: int) -> None:
        """Add bans by network and expiry, or give those that are there a new expiry."""

    def remove(self, networks: Iterable[Network]) -> None:
        """Remove bans, of which some may be gone already."""

    def sweep(self, now_ns: int) -> int:
        """Remove what expired, where the kernel does not; return how many."""

    def guards(self) -> dict[Network, Guard]:
        """Return the never-ban set as it is stored."""

    def allow(self, network: Network) -> None:
        """Add one network to the stored never-ban set, at the operator's word."""

    def disallow(self, network: Network) -> None:
        """Take one network out of the stored never-ban set."""

    def set_guards(self, guards: Mapping[Network, Guard]) -> None:
        """Store the never-ban set, where nobody else does."""

    def repair(self, now_ns: int) -> list[str]:
        """Put right what bans hang in, such as a table; return a sentence for each repair."""

    def untouched(self) -> bool:
        """Tell whether certainly nobody has changed anything since our last look."""

    def destroy(self) -> bool:
        """Remove everything of this backend; return whether there was anything."""

    def close(self) -> None:
        """Let go of the kernel; bans stay."""
