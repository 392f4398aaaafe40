"""The sensors of signs: queues, counters of the stack, links, CPUs, canary, connections..."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from floodwall.core.address import Address, Network
from floodwall.core.model import Endpoint, StackLimits
from floodwall.core.services import ServiceTable
from floodwall.core.settings_sense import CanaryPolicy
from floodwall.core.signs import Canary, Connections, Queue, Signs
from floodwall.sense.canary import CanarySensor, choose_endpoints
from floodwall.sense.connections import Among, ConnectionSensor
from floodwall.sense.conntrack import read_conntrack
from floodwall.sense.cpu import CpuSensor
from floodwall.sense.kernel_log import KernelLog
from floodwall.sense.links import LinkSensor
from floodwall.sense.listeners import Listening
from floodwall.sense.queues import read_queues
from floodwall.sense.stack_counters import read_stack_counters

T = TypeVar("T")


class Try(Protocol):
    """Calls a sensor; notes why it failed, and returns None then."""

    def __call__(self, sensor: str, read: Callable[[], T], /) -> T | None:
        """Call the sensor of this name."""


@dataclass(frozen=True, slots=True)
class Around:
    """What the sensors of signs must know of the second that they look at."""

    now_ns: int
    interfaces: frozenset[int]
    addresses: frozenset[Address] | None
    table: ServiceTable
    """What is protected, as of the second before."""
    canary: CanaryPolicy
    idle_s: float
    bans: Mapping[str, int]
    banned: Collection[Network] = frozenset()


@dataclass(frozen=True, slots=True)
class Listened:
    """What other sensors found about queues; None is what they could not see."""

    listening: tuple[Listening, ...] | None
    requests: Mapping[Endpoint, int] | None
    """Half-open entries by local endpoint."""
    stack: StackLimits | None


@dataclass(slots=True)
class SignSensors:
    """All of them, with what each keeps from one second to the next."""

    _links: LinkSensor = field(default_factory=LinkSensor)
    _cpu: CpuSensor = field(default_factory=CpuSensor)
    _log: KernelLog = field(default_factory=KernelLog)
    _canaries: CanarySensor = field(default_factory=CanarySensor)
    _connections: ConnectionSensor = field(default_factory=ConnectionSensor)
    _tried: bool = False

    def begin(self, around: Around, attempt: Try) -> None:
        """Begin what takes time; `read` comes for it when all else has been looked at."""
        self._tried = bool(attempt("canary", lambda: self._try_listeners(around)))

    def read(self, around: Around, listened: Listened, attempt: Try) -> Signs:
        """Return everything that can be seen; each sensor fails alone."""
        now_ns, interfaces = around.now_ns, around.interfaces
        return Signs(
            queues=_queues(listened, attempt),
            stack=attempt("counters of the stack", read_stack_counters),
            links=attempt("links", lambda: self._links.read(now_ns, interfaces)),
            cpu=attempt("CPUs", self._cpu.read),
            conntrack=attempt("connection tracking", read_conntrack),
            hints=attempt("kernel log", self._log.read),
            connections=attempt("connections", lambda: self._held(around)),
            canaries=self._answers(now_ns, attempt),
            bans=around.bans,
        )

    def close(self) -> None:
        """Let go of what is open."""
        self._log.close()
        self._canaries.close()

    def _try_listeners(self, around: Around) -> bool:
        if around.addresses is None:
            return False  # nobody knows which addresses are ours
        endpoints = choose_endpoints(around.table, around.addresses, around.canary)
        self._canaries.begin(around.now_ns, endpoints, around.canary)
        return around.canary.enabled

    def _answers(self, now_ns: int, attempt: Try) -> tuple[Canary, ...] | None:
        if not self._tried:
            return None
        return attempt("canary", lambda: self._canaries.collect(now_ns))

    def _held(self, around: Around) -> tuple[Connections, ...] | None:
        if around.addresses is None:
            return None  # our own connections would look like a stranger's
        among = Among(around.table.keys, around.addresses, around.idle_s, around.banned)
        return self._connections.read(around.now_ns, among)


def _queues(listened: Listened, attempt: Try) -> tuple[Queue, ...] | None:
    listening, requests = listened.listening, listened.requests
    if listening is None or requests is None:
        return None  # told by the sensor that failed
    return attempt("queues", lambda: read_queues(listening, requests, listened.stack))
