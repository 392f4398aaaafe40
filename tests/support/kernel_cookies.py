"""Which ACKs the kernel's own SYN cookies make valid.

A kernel cookie is a hash of the addresses plus the client's sequence number plus an index into a
table of segment sizes (net/ipv4/syncookies.c).  Any index is accepted, so four distances between
acknowledgement and sequence number are good for each cookie that was sent.
"""

from __future__ import annotations

from tests.support.corpus import read_tcp
from tests.support.oracle.cookie import MSS_TABLES
from tests.support.oracle.offer import read_offer
from tests.support.oracle.wire import ACK, RST, SYN, Network, Segment, read_network, read_segment
from tests.support.oracle.world import FourTuple

_WORD = 0xFFFFFFFF
_INDICES = 4


class KernelCookies:
    """The kernel's cookies seen so far, as distances from the sequence number they answered."""

    def __init__(self) -> None:
        self._distances: dict[FourTuple, set[int]] = {}

    def learn(self, syn: bytes, isn: int) -> None:
        """Note that the kernel answered a SYN with this sequence number."""
        network, segment = read_tcp(syn)
        size = read_offer(segment.options).mss or 0
        entries = MSS_TABLES[network.version]
        index = max((n for n, entry in enumerate(entries) if entry <= size), default=0)
        distance = isn - index - segment.sequence & _WORD
        self._distances.setdefault(_four(network, segment), set()).add(distance)

    def accept(self, frame: bytes) -> bool:
        """Tell whether the kernel finds its cookie in this frame."""
        if not self._distances:
            return False
        network = read_network(frame)
        if not isinstance(network, Network):
            return False
        segment = read_segment(frame, network)
        if not isinstance(segment, Segment) or segment.flags & (SYN | RST | ACK) != ACK:
            return False
        distance = segment.acknowledgement - segment.sequence
        sent = self._distances.get(_four(network, segment), set())
        return any(distance - first & _WORD < _INDICES for first in sent)


def _four(network: Network, segment: Segment) -> FourTuple:
    source = (network.source, segment.source_port)
    return (*source, network.destination, segment.destination_port)
