"""What the doctor can find, how bad it is, and what can be done about it."""

from dataclasses import dataclass, field
from enum import StrEnum

from floodwall.core.verdict import Evidence, Kind


class Ailment(StrEnum):
    """Everything that has a name; what the daemon names, too, is called the same."""

    SYN_FLOOD = Kind.SPOOFED_FLOOD.value
    FLASH_CROWD = Kind.FLASH_CROWD.value
    SLOW_APPLICATION = Kind.SLOW_APPLICATION.value
    CONNECTION_FLOOD = Kind.CONNECTION_FLOOD.value
    SYN_SCAN = Kind.SYN_SCAN.value
    ACK_FLOOD = Kind.ACK_FLOOD.value
    CONNTRACK_FULL = "conntrack_full"
    LINK_SATURATED = "link_saturated"
    RECEIVE_OVERLOAD = "receive_overload"
    SOCKET_MEMORY = "socket_memory"
    LISTENER_REFUSES = "listener_refuses"
    LISTENER_SILENT = "listener_silent"
    NOTHING_ARRIVES = "nothing_arrives"
    HELD_OFF = "held_off"
    """A daemon of ours is at work, and what it does is told by itself."""


class Severity(StrEnum):
    """How bad it is for users."""

    CRITICAL = "critical"
    """Users cannot connect, or will not be able to in a moment."""
    WARNING = "warning"
    """Something is wrong, and users are still served."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A sysctl and the value that it should have."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Remedy:
    """One thing to type, with what it costs and what takes it back."""

    command: str
    why: str
    cost: str
    undo: str
    """A command, or in words why nothing needs to be undone."""
    setting: Setting | None = None
    """Given where the command is safe: it only sets this, costs users nothing, and what was set
    before is an exact way back.  Nothing else is ever run by ourselves."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong."""

    ailment: Ailment
    severity: Severity
    summary: str
    """One line for a reader, without its confidence."""
    confidence: float
    """0 to 1; how well the evidence separates it from what looks alike."""
    evidence: tuple[Evidence, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    service: str = ""
    """The listener that it is about, as an operator calls it; empty is the machine."""
    port: int | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is happening, and what to do now."""

    verdict: str
    findings: tuple[Finding, ...] = ()
    """Worst first."""
    remedies: tuple[Remedy, ...] = ()
    """Of all findings, each once, in the order in which they should be tried."""
    notes: tuple[str, ...] = ()
    """What is worth knowing and is not wrong now."""
    unseen: tuple[str, ...] = field(default=())
    """What could not be looked at, and why."""
    blind: bool = False
    """Neither sockets nor counters could be read: nothing is known."""
