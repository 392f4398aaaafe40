"""What the core can ask for.  Nothing outside `act` touches the system, and only for these."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from floodwall.core.address import Address, Network
from floodwall.core.decision import Decision
from floodwall.core.model import Endpoint, Guard, HalfOpen, Mechanism
from floodwall.core.settings import ServiceMode


@dataclass(frozen=True, slots=True)
class Limits:
    """When and how one service is challenged."""

    mode: ServiceMode
    mechanism: Mechanism
    high: int
    low: int
    hold_ns: int
    window: int
    """Receive window of the SYN-ACK in bytes."""
    forced_until_ns: int = 0
    reset_seq: int = 0
    ack_guard: bool = False
    """Look up every ACK even while calm."""
    rate_drop: bool = False
    """Drop above the hard rates instead of challenging."""


@dataclass(frozen=True, slots=True)
class MachineLimits:
    """What holds for the whole machine."""

    sack: bool
    window_scaling: bool
    timestamps: bool
    ecn: bool
    debt_source_max: int
    debt_port_max: int
    debt_prefix_max: int
    debt_halving_ns: int
    slice_ns: int
    closed_port_rate: int
    authenticated_rate: int
    known_rate: int
    rate_source_max: int
    """Hard SYN rates of one address, and of one address and source port; 0 is no limit."""
    rate_port_max: int
    mss_ipv4: int
    mss_ipv6: int
    tracked: bool = False
    """Connections to what stands behind this machine are in conntrack."""


@dataclass(frozen=True, slots=True)
class SetMachineLimits:
    """Write the limits of the whole machine."""

    limits: MachineLimits


@dataclass(frozen=True, slots=True)
class SetServices:
    """Let exactly these endpoints lead to services, by their index."""

    keys: Mapping[Endpoint, int]


@dataclass(frozen=True, slots=True)
class SetLimits:
    """Write the limits of one service."""

    index: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class ClearService:
    """Forget the state and counters of an index before a new service uses it."""

    index: int


@dataclass(frozen=True, slots=True)
class SetAddresses:
    """Name exactly the addresses of this machine."""

    addresses: frozenset[Address]


@dataclass(frozen=True, slots=True)
class SetNeverBan:
    """Name exactly the networks that are never dropped nor banned, and why each is."""

    networks: Mapping[Network, Guard]


@dataclass(frozen=True, slots=True)
class RotateKey:
    """Make cookies with a new key from now on; the one before stays valid.

    The key itself is drawn where it is written: no secret passes through the core.
    """

    window_scale: int


@dataclass(frozen=True, slots=True)
class RenewLease:
    """Let the data plane act until then."""

    until_ns: int


@dataclass(frozen=True, slots=True)
class DestroyHalfOpen:
    """Take half-open connections out of a listener's queue."""

    service: str
    entries: tuple[HalfOpen, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class EnableSyncookies:
    """Set net.ipv4.tcp_syncookies to 1: without it the stack accepts no cookie at all."""


@dataclass(frozen=True, slots=True)
class Ban:
    """Drop everything from a network until then; refused for whoever must never be banned."""

    network: Network
    until_ns: int
    decision: Decision


@dataclass(frozen=True, slots=True)
class Lift:
    """Take a ban back before its time."""

    network: Network
    decision: Decision


@dataclass(frozen=True, slots=True)
class CloseConnections:
    """Close what these networks hold open with the protected endpoints; they are banned."""

    networks: frozenset[Network]
    endpoints: frozenset[Endpoint] = field(repr=False)
    decision: Decision


@dataclass(frozen=True, slots=True)
class SetSysctl:
    """Change a sysctl of this namespace, like `net.ipv4.tcp_synack_retries`, for a while."""

    name: str
    value: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class RestoreSysctl:
    """Give a sysctl back the value that it had before `SetSysctl`."""

    name: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class RecordDecision:
    """Write a decision into the store that needs no other command, like an arming in the kernel."""

    decision: Decision


@dataclass(frozen=True, slots=True)
class Record:
    """Write a sentence for the operator into the journal."""

    text: str


Command = (
    SetMachineLimits
    | SetServices
    | SetLimits
    | ClearService
    | SetAddresses
    | SetNeverBan
    | RotateKey
    | RenewLease
    | DestroyHalfOpen
    | EnableSyncookies
    | Ban
    | Lift
    | CloseConnections
    | SetSysctl
    | RestoreSysctl
    | RecordDecision
    | Record
)
"""Everything that can be asked for."""
