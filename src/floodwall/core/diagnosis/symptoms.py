"""What a machine shows in a short window: all that a diagnosis is made from.

Law: values only.  None is what could not be seen, never what is empty.  Counts named for the
window are what was added in it; others are as they were at its end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from floodwall.core.model import Endpoint, StackLimits
from floodwall.core.signs import Canary, Conntrack, CpuLoad, Peer


@dataclass(frozen=True, slots=True)
class ServiceSigns:
    """One listener: the sockets that are bound to one endpoint."""

    bound: Endpoint
    device: int = 0
    process: str = ""
    pid: int | None = None
    cpu_s: float | None = None
    """Processor time that this process took in the window."""
    backlog: int | None = None
    """Of the fullest socket; None where only /proc tells."""
    waiting: int = 0
    """In the accept queue of the fullest socket."""
    waited: int = 0
    """The same at the beginning of the window."""
    capacity: int | None = None
    """Half-open connections that all sockets take together."""
    half_open: int = 0
    stale: int = 0
    """Those whose SYN-ACK was sent again: a second old or older."""
    sources: int = 0
    """Distinct remote addresses of half-open connections."""
    gained: int = 0
    """How many more are half open than at the beginning of the window."""
    established: int = 0
    opened: int = 0
    """New in the window."""
    silent: int | None = None
    """Connections that never sent a byte for half a second; None where only /proc tells."""
    remotes: int = 0
    """Distinct remote addresses of connections."""
    peers: tuple[Peer, ...] = ()
    """The largest few by connections."""
    canary: Canary | None = None

    @property
    def name(self) -> str:
        """Return how an operator calls it: endpoint and process."""
        if self.bound.address.is_unspecified:
            host = "[::]" if self.bound.address.version == 6 else "*"
            return f"{host}:{self.bound.port} {self.process}".rstrip()
        return f"{self.bound} {self.process}".rstrip()

    @property
    def is_full(self) -> bool:
        """Tell whether no further connection may wait to be accepted."""
        return self.backlog is not None and self.waiting >= max(self.backlog, 1)

    @property
    def was_full(self) -> bool:
        """Tell the same of the beginning of the window."""
        return self.backlog is not None and self.waited >= max(self.backlog, 1)

    @property
    def is_shut(self) -> bool:
        """Tell whether we tried to connect and did not get through."""
        return self.canary is not None and not self.canary.connected


@dataclass(frozen=True, slots=True)
class LinkSigns:
    """One interface in the window."""

    name: str
    received_bytes: int
    sent_bytes: int
    received_packets: int
    receive_drops: int
    speed_bit_s: int | None = None
    total_packets: int = 0
    """Received since the interface was made."""


@dataclass(frozen=True, slots=True)
class SoftnetSigns:
    """The queues between drivers and stack in the window, /proc/net/softnet_stat."""

    dropped: int
    squeezed: int
    """Times that packets were left over when the time for them was up."""


@dataclass(frozen=True, slots=True)
class MemorySigns:
    """What TCP holds of memory and of sockets without owner, against its limits."""

    pages: int
    pages_limit: int
    orphans: int
    orphans_limit: int | None


@dataclass(frozen=True, slots=True)
class Hint:
    """A line of the kernel's log that speaks of floods."""

    age_s: float
    kind: str
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Symptoms:
    """All of them."""

    seconds: float
    """Length of the window."""
    kernel: str = ""
    uptime_s: float | None = None
    services: tuple[ServiceSigns, ...] | None = None
    stack: StackLimits | None = None
    moved: Mapping[str, int] | None = None
    """Counters by their nstat names, in the window."""
    totals: Mapping[str, int] = field(default_factory=dict)
    """The same since boot."""
    links: tuple[LinkSigns, ...] | None = None
    conntrack: Conntrack | None = None
    lost_to_conntrack: int = 0
    """Packets or entries that connection tracking gave up in the window."""
    cpu: CpuLoad | None = None
    cpus: int = 1
    softnet: SoftnetSigns | None = None
    memory: MemorySigns | None = None
    hints: tuple[Hint, ...] | None = None
    """Newest first."""
    firewall: bool | None = None
    """There are chains of nftables or tables of iptables; looked for only if a door is shut."""
    probes: int = 0
    """Connections that we tried in the window ourselves."""
    guarded: bool = False
    """A daemon of ours runs here."""
    held_off: tuple[str, ...] = ()
    """What it holds off, in its own words, a service each."""
    unseen: tuple[str, ...] = ()

    def count(self, name: str) -> int:
        """Return what a counter was raised by in the window; 0 if this kernel has none."""
        return max(0, self.moved.get(name, 0)) if self.moved else 0

    def rate(self, name: str) -> float:
        """Return the same a second."""
        return self.count(name) / self.seconds

    def usual(self, name: str) -> float:
        """Return what a counter was raised by a second since boot, on average."""
        return self.totals.get(name, 0) / self.uptime_s if self.uptime_s else 0.0
