"""A decision: what was done, to whom, why, by which rule and until when.

Law: every change of the machine belongs to one decision, written to the store before it is made.
"""

from dataclasses import dataclass
from enum import StrEnum

from floodwall.core.address import Network
from floodwall.core.verdict import Evidence


class Rung(StrEnum):
    """The steps of the ladder, mildest first."""

    OBSERVE = "observe"
    CHALLENGE = "challenge"
    SIGNATURE = "signature"
    BAN = "ban"
    UPSTREAM = "upstream"


class Act(StrEnum):
    """What a decision does."""

    ARM = "arm"
    CALM = "calm"
    BAN = "ban"
    WOULD_BAN = "would_ban"
    LIFT = "lift"
    ALLOW = "allow"
    DISALLOW = "disallow"
    REFUSE = "refuse"
    DESTROY = "destroy_half_open"
    TUNE = "tune"
    RESTORE = "restore"
    OPEN_INCIDENT = "open_incident"
    CLOSE_INCIDENT = "close_incident"
    PROPOSE = "propose_settings"
    APPLY = "apply_settings"
    ROLL_BACK = "roll_back_settings"
    SWITCH_OFF = "switch_off"


@dataclass(frozen=True, slots=True)
class Decision:
    """One act with its reason; `undone_by` names what takes it back."""

    at_ns: int
    act: Act
    rule: str
    """Name of the rule; `operator` for the word of a human."""
    subject: str
    """A network, a service, or the name of a sysctl."""
    text: str
    """One sentence for the operator."""
    service: int | None = None
    network: Network | None = None
    until_ns: int = 0
    """When it ends by itself; 0 is not by time."""
    undone_by: str = ""
    who: str = "floodwall"
    """`floodwall`, or the peer of the control socket like `uid 0 (root), pid 1234`."""
    evidence: tuple[Evidence, ...] = ()
