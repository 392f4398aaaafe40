"""The first look at a capture that is to be replayed: who serves, and who really talks to whom."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from floodwall.core.address import unpack
from floodwall.core.model import Endpoint
from floodwall.core.services import SERVICES_MAX
from floodwall.forensics.captures.packets import Packet
from floodwall.forensics.segment import ACK, RST, SYN, Segment

FLOWS_MAX: Final = 1_000_000
"""Flows that are remembered; the replay says when there were more."""

_ASKED_OFTEN: Final = 100  # SYNs that make a service of what never answers in the capture

Flow = tuple[bytes, int, bytes, int]
"""Client, its port, server, its port."""


@dataclass(slots=True)
class Survey:
    """What was found; flows are seen from the client."""

    services: tuple[Endpoint, ...] = ()
    first: float | None = None
    answers: dict[Flow, int] = field(default_factory=dict)
    """Initial sequence numbers of the servers."""
    talking: set[Flow] = field(default_factory=set)
    """Flows in which the server sent more than a SYN-ACK or a reset."""
    overflow: bool = False


def survey(packets: Iterable[Packet]) -> Survey:
    """Look through captures once."""
    found = Survey()
    asked: Counter[tuple[bytes, int]] = Counter()
    answering: Counter[tuple[bytes, int]] = Counter()
    for packet in packets:
        found.first = packet.at if found.first is None else min(found.first, packet.at)
        segment = Segment.of(packet.frame[packet.ip :])
        if segment is None:
            continue
        if segment.flags & (SYN | ACK) == SYN:
            _count(asked, (segment.destination, segment.destination_port))
        elif segment.flags & (SYN | ACK) == SYN | ACK:
            _count(answering, (segment.source, segment.source_port))
            if len(found.answers) < FLOWS_MAX:
                found.answers[segment.reverse] = segment.sequence
            else:
                found.overflow = True
        elif not segment.flags & RST and len(found.talking) < FLOWS_MAX:
            found.talking.add(segment.reverse)
    chosen = {end for end, count in asked.items() if count >= _ASKED_OFTEN or end in answering}
    ranked = [end for end, _ in asked.most_common() if not chosen or end in chosen]
    found.services = tuple(Endpoint(unpack(a), port) for a, port in ranked[:SERVICES_MAX] if port)
    return found


def _count(counter: Counter[tuple[bytes, int]], end: tuple[bytes, int]) -> None:
    if end in counter or len(counter) < FLOWS_MAX:
        counter[end] += 1
