"""What the core remembers from one second to the next."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from floodwall.core.address import Address, Network
from floodwall.core.classify.classifier import Classifier
from floodwall.core.commands import Limits, MachineLimits
from floodwall.core.model import Endpoint, Guard, Protected, StackLimits, Target, Translation
from floodwall.core.response import Response
from floodwall.core.services import Identity, ServiceTable, Surroundings
from floodwall.core.settings import Settings
from floodwall.core.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Presence:
    """The listeners of one queue, and when they were last there."""

    targets: tuple[Target, ...]
    last_ns: int


@dataclass(frozen=True, slots=True)
class Known:
    """The outside world as it was last seen: a sensor that fails leaves its part as it was."""

    stack: StackLimits = field(default_factory=StackLimits)
    addresses: frozenset[Address] = frozenset()
    translations: tuple[Translation, ...] = ()
    nat: bool = False
    """NAT rules are there: what is handed over reaches no listener."""
    listeners: Mapping[Identity, Presence] = field(default_factory=dict)
    """Listeners by the queue that they share."""
    protected: Mapping[Protected, int] = field(default_factory=dict)
    """Networks not to be banned with the time at which each was last seen."""


@dataclass(frozen=True, slots=True)
class State:
    """Everything that `decide` knows beside the present observation."""

    settings: Settings
    known: Known = field(default_factory=Known)
    basis: tuple[tuple[Target, ...], Surroundings] | None = None
    """What the service table was made from."""
    table: ServiceTable = field(default_factory=ServiceTable)
    limits: Mapping[int, Limits] = field(default_factory=dict)
    machine: MachineLimits | None = None
    addresses: frozenset[Address] | None = None
    never_ban: Mapping[Network, Guard] | None = None
    never_basis: tuple[frozenset[Protected], tuple[Network, ...]] | None = None
    """What the never-ban set was made from."""
    rotated_ns: int | None = None
    armed: Mapping[int, int] = field(default_factory=dict)
    """Services that are armed, with the time since which each is."""
    by_hand: Mapping[int, int] = field(default_factory=dict)
    """Services that an operator has armed, with the time until which."""
    failing: frozenset[str] = frozenset()
    """Sensors that failed last time."""
    classifier: Classifier = field(default_factory=Classifier)
    """What is usual here, and what has been going on."""
    full: frozenset[int] = frozenset()
    """Services whose queue held too many half-open entries when it was last looked at."""
    verdicts: Mapping[int | None, Verdict] = field(default_factory=dict)
    """What each service is going through; None is the machine as a whole."""
    guarded: Mapping[int, int] = field(default_factory=dict)
    """Services under ACK guard, with the time until which."""
    response: Response = field(default_factory=Response)

    @classmethod
    def adopted(
        cls, settings: Settings, keys: Mapping[Endpoint, int], rotated_ns: int | None
    ) -> "State":
        """Begin with endpoints that an earlier daemon left, so that services keep their index."""
        return cls(settings, table=ServiceTable(keys=keys), rotated_ns=rotated_ns)

    def forgetful(self) -> "State":
        """Return the same memory, but everything is to be written to the data plane again."""
        return State(
            settings=self.settings,
            known=self.known,
            table=ServiceTable(keys=self.table.keys),
            rotated_ns=self.rotated_ns,
            armed=self.armed,
            by_hand=self.by_hand,
            guarded=self.guarded,
            failing=self.failing,
            classifier=self.classifier,
            verdicts=self.verdicts,
            response=self.response.forgetful(),
        )
