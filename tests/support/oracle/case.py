"""One packet of a service on its way through the decision."""

from __future__ import annotations

from dataclasses import dataclass

from floodwall.kernel._abi import Reason
from tests.support.oracle.hashes import Cells, address_hash, cells_of, mix
from tests.support.oracle.offer import Offer
from tests.support.oracle.windows import is_armed
from tests.support.oracle.wire import Network, Segment
from tests.support.oracle.world import FourTuple, Service, SocketKind, World


@dataclass(slots=True)
class Case:
    """The packet, its service and the world that both are in."""

    world: World
    frame: bytes
    network: Network
    segment: Segment
    service: Service
    offer: Offer

    @property
    def four(self) -> FourTuple:
        """Source, source port, destination and destination port."""
        network, segment = self.network, self.segment
        source = (network.source, segment.source_port)
        return (*source, network.destination, segment.destination_port)

    @property
    def armed(self) -> bool:
        """Tell whether the service challenges now."""
        return is_armed(self.service, self.world.now_ns)

    @property
    def cells(self) -> Cells:
        """Where the source's debts are kept."""
        seed = self.world.config.hash_seed
        return cells_of(self.network.source, self.segment.source_port, seed)

    @property
    def rate_tags(self) -> tuple[int, int]:
        """Under what the source's SYNs are counted: address, address and port."""
        source = address_hash(self.network.source, self.world.config.hash_seed)
        return source, mix(source, self.segment.source_port)

    def find_socket(self) -> SocketKind:
        """Return what the stack has for this packet."""
        return self.world.find_socket(self.four)

    def unless_protected(self, reason: Reason) -> Reason:
        """Return the drop `reason`, or a pass if the source is in the never-ban set."""
        return Reason.PASS_NEVER_BAN if self.world.protects(self.network.source) else reason
