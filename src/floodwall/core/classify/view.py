"""What the rules see of one service in one second."""

from dataclasses import dataclass, field

from floodwall.core.classify.flow import Flow
from floodwall.core.classify.unanswered import Sums
from floodwall.core.model import Service
from floodwall.core.proportion import unanswered_share
from floodwall.core.signs import Canary, Connections, Queue
from floodwall.core.verdict import Interval


@dataclass(frozen=True, slots=True)
class Usual:
    """What this service usually goes through; None is not known yet."""

    answered: float | None
    """Handshakes a second that people complete, at most."""
    answered_level: float
    """The same on average."""
    unanswered_share: float
    """Share of SYNs that nobody answers, at most."""
    silent: float | None
    """Connections that never said a byte, at most."""


@dataclass(frozen=True, slots=True)
class View:
    """One service in one second."""

    service: Service
    high: int
    """Pending handshakes above which the data plane arms."""
    low: int
    lifetime_s: float
    """How long a half-open connection waits."""
    flow: Flow
    flows: tuple[Flow, ...]
    """This one last, and those before it without a gap."""
    usual: Usual
    spoof_index: Interval | None = None
    """Share of challenged SYNs whose source never answered; None if nobody was challenged."""
    armed_s: float | None = None
    """Seconds since it was armed; None while it is calm."""
    missing: float = 0.0
    """SYNs minus answers a second, negative where earlier ones were answered."""
    unanswered: float = 0.0
    """Those of them that are not the first of a crowd: see `unanswered.py`."""
    strict: int = 0
    """SYNs of the seconds before that are certainly not answered."""
    sums: Sums = field(default_factory=Sums)
    """What was unanswered beyond the usual, with this second."""
    accept: Queue | None = None
    """The fullest accept queue; None if unknown."""
    full: bool = False
    """The accept queue is full: handshakes cannot end, whoever began them."""
    full_ticks: int = 0
    """Observations in which it was, without a break."""
    overflows: int = 0
    """Handshakes or SYNs that a full accept queue refused in this interval, machine-wide."""
    stale: int | None = None
    """Half-open connections older than a second of sources that never proved themselves."""
    waiting: int | None = None
    """Half-open connections, whatever their age."""
    connections: Connections | None = None
    canary: Canary | None = None
    hinted: bool = field(default=False)
    """The kernel's log spoke of a flood at this port."""
    somaxconn: int = 4096
    counted: bool = True
    """False where no data plane counts: the flow is derived from queues and the stack."""

    @property
    def before(self) -> Flow | None:
        """The flow before this one."""
        return self.flows[-2] if len(self.flows) > 1 else None

    @property
    def threat(self) -> float:
        """Unanswered SYNs a second that would, if passed, fill the queue up to `high`."""
        return self.high / self.lifetime_s

    @property
    def answered(self) -> float:
        """Handshakes completed a second."""
        return self.flow.answered / self.flow.seconds


def spoof_index(flows: tuple[Flow, ...]) -> Interval | None:
    """Return the share of challenged SYNs whose source never answered, over these flows."""
    challenged = sum([flow.challenged for flow in flows])
    if not challenged:
        return None
    proven = sum([flow.proven for flow in flows])
    return unanswered_share(challenged, flows[-1].challenged, proven)
