"""What was read at one moment; two of them make a window."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from floodwall.core.diagnosis.symptoms import MemorySigns, SoftnetSigns
from floodwall.core.model import Endpoint, StackLimits
from floodwall.core.signs import Conntrack, LinkLoad
from floodwall.sense.cpu import Spent


class Socket(NamedTuple):
    """A listening socket."""

    bound: Endpoint
    device: int
    backlog: int | None
    """None where only /proc tells."""
    waiting: int
    inode: int


class Requests(NamedTuple):
    """Half-open connections to one local endpoint."""

    total: int
    stale: int
    """Those whose SYN-ACK was sent again."""
    sources: frozenset[bytes]
    """Packed addresses."""


class Held(NamedTuple):
    """An open connection."""

    local: Endpoint
    remote: bytes
    key: Hashable
    """The same for no other connection."""
    silent: bool | None
    """It never sent a byte for half a second; None where only /proc tells."""


@dataclass(frozen=True, slots=True)
class Sockets:
    """TCP sockets of this network namespace."""

    listening: tuple[Socket, ...] = ()
    requests: Mapping[Endpoint, Requests] = field(default_factory=dict)
    held: tuple[Held, ...] = ()


@dataclass(frozen=True, slots=True)
class Sample:
    """One moment; None could not be read."""

    at_s: float
    """CLOCK_MONOTONIC."""
    kernel: str = ""
    uptime_s: float | None = None
    sockets: Sockets | None = None
    counters: Mapping[str, int] | None = None
    stack: StackLimits | None = None
    links: tuple[LinkLoad, ...] | None = None
    conntrack: Conntrack | None = None
    cpu: Mapping[str, Spent] | None = None
    softnet: SoftnetSigns | None = None
    """Since boot."""
    memory: MemorySigns | None = None
    cpu_s: Mapping[int, float] = field(default_factory=dict)
    """Processor seconds of each process that listens, since it began."""
    unseen: tuple[str, ...] = ()
