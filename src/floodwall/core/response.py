"""What the response remembers: bans in force, offences, sysctls changed, incidents, pulses.

Law: values only, and bounded: whatever a flood invents cannot grow them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from floodwall.core.address import Address, Network
from floodwall.core.commands import Ban
from floodwall.core.decision import Decision
from floodwall.core.model import Guard
from floodwall.core.settings import Settings
from floodwall.core.verdict import Kind


@dataclass(frozen=True, slots=True)
class Offence:
    """How often a network was banned by rule; `until_ns` is the end of its last ban."""

    count: int
    until_ns: int


@dataclass(frozen=True, slots=True)
class Watch:
    """A source above a limit, since when, and when it was last seen there."""

    since_ns: int
    last_ns: int


@dataclass(frozen=True, slots=True)
class Tuned:
    """A sysctl that was changed for an attack."""

    before: str
    value: str
    decision: Decision
    asked: int = 1
    """How often it was asked for."""
    returned: int = 0
    """How often it was asked back."""
    doubtful: bool = False
    """True after a second in which something could not be written: it is asked for again."""


@dataclass(frozen=True, slots=True)
class Incident:
    """A time in which something other than calm went on at one service, or at the machine."""

    service: int | None
    name: str
    kind: Kind
    """The gravest so far: an attack outweighs a crowd."""
    opened_ns: int
    last_ns: int
    """When it was last other than calm."""
    seen_ns: int
    """When there last was a verdict at all."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """When a service was last armed anew, and until when it is kept armed because it pulses."""

    armed_ns: int
    keep_until_ns: int = 0


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """The memory of bans that are only said: those of services in mode observe."""

    bans: Mapping[Network, Ban] = field(default_factory=dict)
    offences: Mapping[Network, Offence] = field(default_factory=dict)
    watches: Mapping[tuple[int, Address], Watch] = field(default_factory=dict)
    pace: Mapping[int, int] = field(default_factory=dict)
    said: Mapping[str, int] = field(default_factory=dict)


Guarded = tuple[Mapping[Network, Guard] | None, frozenset[Address]]
"""The never-ban set and own addresses."""


@dataclass(frozen=True, slots=True)
class Response:
    """The memory of everything between a verdict and a command."""

    bans: Mapping[Network, Ban] = field(default_factory=dict)
    """Bans in force, each with its decision; an operator's among them if the daemon was told."""
    offences: Mapping[Network, Offence] = field(default_factory=dict)
    rests: Mapping[Network, int] = field(default_factory=dict)
    """Networks whose ban was lifted, with the time before which no rule bans them again."""
    watches: Mapping[tuple[int, Address], Watch] = field(default_factory=dict)
    """Sources above a limit, by service and address."""
    pace: Mapping[int, int] = field(default_factory=dict)
    """Bans by rule in each of the last 60 seconds."""
    said: Mapping[str, int] = field(default_factory=dict)
    """Refusals that were told, with the time at which each was."""
    tuned: Mapping[str, Tuned] = field(default_factory=dict)
    undone: Mapping[str, Tuned] = field(default_factory=dict)
    """What was asked to be put back last second: again, if it failed."""
    noted: frozenset[str] = frozenset()
    """Sysctls whose change for the daemon's whole life was recorded."""
    flood_ns: int | None = None
    """When a SYN flood was last seen."""
    incidents: Mapping[int | None, Incident] = field(default_factory=dict)
    pulses: Mapping[int, Pulse] = field(default_factory=dict)
    rehearsed: Rehearsed = field(default_factory=Rehearsed)
    guarded: Guarded = (None, frozenset())
    """What the bans were last compared with."""
    settled: Settings | None = None
    """The settings that the bans were last compared with."""

    def forgetful(self) -> "Response":
        """Return the same memory, but sysctls are to be written, or put back, again."""
        tuned = {
            name: replace(each, doubtful=True)
            for name, each in {**self.undone, **self.tuned}.items()
        }
        return replace(self, tuned=tuned, undone={})
