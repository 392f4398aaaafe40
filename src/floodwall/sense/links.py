"""What the protected interfaces carry, against what they can."""

from collections.abc import Collection
from dataclasses import dataclass, field

from floodwall.core.model import SECOND_NS
from floodwall.core.signs import LinkLoad
from floodwall.kernel import rtnetlink
from floodwall.kernel.ethtool import link_speed
from floodwall.kernel.rtnetlink import Interface

SPEED_EVERY_NS = 10 * SECOND_NS
"""Some drivers ask the hardware for the speed, under the lock of all interfaces."""

_MADE_UP = frozenset({"veth", "tun"})
"""Kinds of interfaces that name a speed which nothing enforces (10 Gbit/s, 10 Mbit/s)."""


@dataclass(slots=True)
class LinkSensor:
    """Reads the counters of interfaces; keeps their speeds for a while."""

    _speeds: dict[int, int | None] = field(default_factory=dict)
    _asked_ns: int | None = None

    def read(self, now_ns: int, interfaces: Collection[int]) -> tuple[LinkLoad, ...]:
        """Return the load of these interfaces."""
        if self._asked_ns is None or now_ns - self._asked_ns >= SPEED_EVERY_NS:
            self._speeds, self._asked_ns = {}, now_ns
        return tuple(self._load(each) for each in rtnetlink.links() if each.index in interfaces)

    def _load(self, link: Interface) -> LinkLoad:
        if link.index not in self._speeds:
            self._speeds[link.index] = None if link.kind in _MADE_UP else link_speed(link.name)
        return LinkLoad(
            name=link.name,
            index=link.index,
            received_bytes=link.traffic.received_bytes,
            sent_bytes=link.traffic.sent_bytes,
            received_packets=link.traffic.received_packets,
            receive_drops=link.traffic.receive_drops,
            speed_bit_s=self._speeds[link.index],
        )
