"""What part of the evidence the operator wants to see."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from floodwall.core.address import Network
from floodwall.forensics.evidence import Segments, words_of

_ALL = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Selection:
    """Bounds in time, ports of victims, and networks of sources; empty means all."""

    since: float | None = None
    until: float | None = None
    ports: tuple[int, ...] = ()
    sources: tuple[Network, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Tell whether nothing is left out."""
        return self == Selection()

    @property
    def hides_totals(self) -> bool:
        """Tell whether totals over all ports and sources cannot be shown."""
        return bool(self.ports or self.sources)

    def holds(self, at: float) -> bool:
        """Tell whether a time is within the bounds; an unknown time is."""
        early = self.since is not None and at < self.since
        late = self.until is not None and at > self.until
        return not (early or late)

    def of(self, segments: Segments) -> Segments:
        """Return the segments that are wanted: of chosen sources or ports, in both directions."""
        if self.is_everything or not len(segments):
            return segments
        return segments[self.mask(segments)]

    def mask(self, segments: Segments) -> NDArray[np.bool_]:
        """Tell which segments are wanted."""
        kept = np.ones(len(segments), np.bool_)
        if self.since is not None:
            kept &= ~(segments["at"] < self.since)
        if self.until is not None:
            kept &= ~(segments["at"] > self.until)
        if self.ports:
            ports = np.array(self.ports, np.uint16)
            kept &= np.isin(segments["port"], ports) | np.isin(segments["source_port"], ports)
        if self.sources:
            kept &= _within(segments, "source", self.sources) | _within(
                segments, "victim", self.sources
            )
        return kept


def _within(segments: Segments, side: str, networks: Sequence[Network]) -> NDArray[np.bool_]:
    high, low = segments[f"{side}_high"], segments[f"{side}_low"]
    inside = np.zeros(len(segments), np.bool_)
    for network in networks:
        first, second = words_of(network.network_address)
        bits = network.prefixlen + (96 if network.version == 4 else 0)
        upper = _ALL << max(0, 64 - bits) & _ALL
        lower = _ALL << (128 - max(64, bits)) & _ALL
        inside |= (high & np.uint64(upper) == np.uint64(first)) & (
            low & np.uint64(lower) == np.uint64(second)
        )
    return inside
