"""What operators did to bans beside the daemon, as the book of bans asks for it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from floodwall.core.address import Network
from floodwall.store.words import Words


@dataclass(frozen=True, slots=True)
class BanNotes:
    """Reads them from the operator's words."""

    words: Words

    def banned(self) -> Mapping[Network, int]:
        """Return what was banned by hand, with the time until which; 0 is without end."""
        return {network: word.until_ns for network, word in self.words.bans().items()}

    def take_lifted(self) -> Iterable[Network]:
        """Return what was lifted by hand since the last time."""
        return self.words.take_lifted()
