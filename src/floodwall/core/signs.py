"""Signs of an attack, as the machine shows them beside the data plane's own counters.

Law: values only.  Counters are totals since boot unless a name says otherwise; times are
CLOCK_MONOTONIC nanoseconds; a share is between 0 and 1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from floodwall.core.address import Address
from floodwall.core.model import Endpoint


@dataclass(frozen=True, slots=True)
class Queue:
    """How full the two queues of one listening socket are."""

    bound: Endpoint
    device: int
    half_open: int
    """Requests in its SYN queue."""
    waiting: int
    """Connections that are complete and that the application has not accepted."""
    backlog: int
    """Connections that may wait: min(listen(), somaxconn)."""
    process: str = ""
    pid: int | None = None
    capacity: int = 0
    """Requests that its SYN queue takes; 0 where the sysctls could not be read."""
    drops: int = 0
    """Packets that this socket dropped since it was made, for whatever reason (sk_drops): SYNs and
    handshakes that found no room, but resets of half-open requests, too; the canary's are such."""

    @property
    def fill(self) -> float:
        """Share of the accept queue that is taken; above 1 it drops (sk_acceptq_is_full)."""
        return self.waiting / max(self.backlog, 1)

    @property
    def is_full(self) -> bool:
        """Tell whether at most one more connection is let in; a backlog of 0 takes one, too."""
        return self.waiting >= max(self.backlog, 1)


@dataclass(frozen=True, slots=True)
class StackCounters:
    """Tcp: and TcpExt: of /proc/net/snmp and /proc/net/netstat, totals of this namespace."""

    passive_opens: int = 0
    active_opens: int = 0
    attempt_fails: int = 0
    out_resets: int = 0
    retransmitted: int = 0
    listen_overflows: int = 0
    """Complete handshakes refused because the accept queue was full."""
    listen_drops: int = 0
    """SYNs or handshakes dropped at a listener for whatever reason."""
    request_queue_drops: int = 0
    """TCPReqQFullDrop: SYNs dropped because the SYN queue was full and cookies are off."""
    request_queue_cookies: int = 0
    """TCPReqQFullDoCookies: SYNs answered with a cookie for the same reason."""
    cookies_sent: int = 0
    cookies_received: int = 0
    cookies_failed: int = 0
    syn_retransmitted: int = 0
    """TCPSynRetrans: SYNs and SYN-ACKs sent again."""


@dataclass(frozen=True, slots=True)
class LinkLoad:
    """One protected interface, totals."""

    name: str
    index: int
    received_bytes: int
    sent_bytes: int
    received_packets: int
    receive_drops: int
    speed_bit_s: int | None
    """None where the driver does not tell, as veth and most virtual ones."""


@dataclass(frozen=True, slots=True)
class CpuLoad:
    """What the CPUs did since the second before."""

    busy: float
    softirq: float
    busiest_softirq: float
    """Share of the one CPU that receives most: floods often hit one."""


@dataclass(frozen=True, slots=True)
class Conntrack:
    """Connection tracking of this namespace; the last three are totals over CPUs."""

    entries: int
    limit: int
    early_drops: int
    insert_failures: int
    drops: int

    @property
    def fill(self) -> float:
        """Share of the table that is taken."""
        return self.entries / max(self.limit, 1)


@dataclass(frozen=True, slots=True)
class KernelHint:
    """A line of the kernel's own log that speaks of floods.  A hint: never the cause of a ban."""

    at_ns: int
    kind: str
    """`syn_flooding`, `conntrack_full`, `too_many_orphans`, `out_of_socket_memory`, `oom`."""
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Canary:
    """One real handshake with a protected listener, made by ourselves."""

    endpoint: Endpoint
    connected: bool
    took_ms: float | None = None
    """As the kernel measured it; None if it did not connect."""
    why: str = ""
    """Why not, if it did not."""
    index: int | None = None
    """The service that the endpoint leads to."""


@dataclass(frozen=True, slots=True)
class Peer:
    """What one address holds open with one service.  It completed handshakes: it is proven."""

    address: Address
    concurrent: int
    silent: int
    """Of these, connections that have sent no byte for `limits.idle_s` seconds or more."""
    opened: int
    """Connections that are new since the second before."""
    mute: int = 0
    """Of the silent ones, connections that never sent a byte at all."""
    port: int = 0
    """From which one of them came: where many share an address it tells whose it was."""


@dataclass(frozen=True, slots=True)
class Connections:
    """Established connections of one service, without those from this machine itself."""

    index: int
    established: int
    silent: int
    """Connections that never sent a byte and are older than half a second."""
    opened: int
    """New since the second before."""
    sources: int
    """Distinct remote addresses."""
    peers: tuple[Peer, ...] = ()
    """The largest few that are not banned, by concurrent, silent, opened or mute connections."""


@dataclass(frozen=True, slots=True)
class Signs:
    """All of them.  None is what could not be sensed, never what is empty."""

    queues: tuple[Queue, ...] | None = None
    stack: StackCounters | None = None
    links: tuple[LinkLoad, ...] | None = None
    cpu: CpuLoad | None = None
    conntrack: Conntrack | None = None
    hints: tuple[KernelHint, ...] | None = None
    canaries: tuple[Canary, ...] | None = None
    connections: tuple[Connections, ...] | None = None
    bans: Mapping[str, int] = field(default_factory=dict)
    """Bans in force by backend: `xdp`, `nft`, `route`."""
