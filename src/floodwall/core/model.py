"""What Floodwall knows: listeners, services and sources.

Law: values only.  Nothing here reads a clock or the system; times are CLOCK_MONOTONIC nanoseconds.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from floodwall.core.address import Address, Network
from floodwall.core.settings import ServiceMode

SECOND_NS = 1_000_000_000
"""Nanoseconds in a second."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An address and a TCP port."""

    address: Address
    port: int

    def __str__(self) -> str:
        host = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Target:
    """A listening socket, as far as its protection depends on it."""

    bound: Endpoint
    backlog: int
    """Connections that its queues take, as given to listen() and cut by somaxconn."""
    device: int = 0
    """Interface that it is bound to; 0 is any."""
    dual_stack: bool = False
    """An IPv6 wildcard that takes IPv4 too."""
    mptcp: bool = False
    receive_buffer_bytes: int = 131072
    process: str = ""
    """Name of the process that owns it, if it is known."""
    behind: bool = False
    """Not a socket of this machine, but what a server behind it is reached by."""


class Mechanism(StrEnum):
    """How a challenge is made and accepted."""

    HANDOVER = "handover"
    STACK = "stack"
    SPLICE = "splice"


@dataclass(frozen=True, slots=True)
class Service:
    """One protected queue: the listeners of one bound endpoint."""

    index: int
    """Its element in the limits, states and tallies of the data plane; stable while it lives."""
    bound: Endpoint
    device: int
    targets: tuple[Target, ...]
    mode: ServiceMode
    mechanism: Mechanism
    capacity: int
    """Half-open connections that its queue takes."""

    @property
    def process(self) -> str:
        """Return the name of the owning process, or nothing."""
        return next((target.process for target in self.targets if target.process), "")

    @property
    def name(self) -> str:
        """Return how an operator calls it: endpoint and process."""
        host = "*" if self.bound.address.is_unspecified else ""
        if host and self.bound.address.version == 6:
            host = "[::]"
        where = f"{host}:{self.bound.port}" if host else str(self.bound)
        return f"{where} {self.process}".rstrip()


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A listener that is not protected, and why."""

    bound: Endpoint
    reason: str
    process: str = ""


@dataclass(frozen=True, slots=True)
class Translation:
    """A destination that another part of the machine rewrites before a listener sees it."""

    first_port: int
    last_port: int
    network: Network | None = None
    """Only towards these addresses; None is all of them."""

    def covers(self, endpoint: Endpoint) -> bool:
        """Tell whether packets to `endpoint` are rewritten."""
        if not self.first_port <= endpoint.port <= self.last_port:
            return False
        if self.network is None:
            return True
        same = self.network.version == endpoint.address.version
        return same and endpoint.address in self.network


class Guard(StrEnum):
    """Why a network is in the never-ban set."""

    OWN = "own address"
    GATEWAY = "gateway"
    RESOLVER = "resolver"
    SSH_PEER = "SSH peer"
    OPERATOR = "operator's list"


@dataclass(frozen=True, slots=True)
class Protected:
    """A network that is never dropped nor banned, and why."""

    network: Network
    guard: Guard


@dataclass(frozen=True, slots=True)
class StackLimits:
    """What net.core and net.ipv4 say about queues and TCP options."""

    somaxconn: int = 4096
    tcp_max_syn_backlog: int = 4096
    tcp_syncookies: int = 1
    tcp_synack_retries: int = 5
    tcp_sack: bool = True
    tcp_window_scaling: bool = True
    tcp_timestamps: bool = True
    tcp_ecn: bool = True
    largest_receive_buffer_bytes: int = 6291456
    """The larger of tcp_rmem's third value and rmem_max: it decides the window scale."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Counters and state of one service, read from the data plane."""

    index: int
    syns: int = 0
    passed: int = 0
    challenged: int = 0
    proven: int = 0
    bad_acks: int = 0
    completed: int = 0
    pending: int = 0
    armed_at_ns: int = 0
    armed_until_ns: int = 0
    first_challenge_ns: int = 0
    arms: int = 0
    reset_seq: int = 0


@dataclass(frozen=True, slots=True)
class Ages:
    """How many half-open entries of an endpoint wait how long."""

    first: int = 0
    """Less than a second: their SYN-ACK was sent once."""
    second: int = 0
    """For one to two seconds: they were among the first a second ago."""


@dataclass(frozen=True, slots=True)
class HalfOpen:
    """A half-open connection of a listener: its SYN-ACK is not answered yet."""

    local: Endpoint
    remote: Endpoint
    retransmits: int
    proven: bool
    """The remote address has completed a handshake or returned a cookie before."""
    handle: object = field(default=None, compare=False)
    """What the kernel layer needs to destroy it; nothing else looks inside."""
