"""All sensors together: one Observation a second, in which each of them can fail alone."""

import gc
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

from floodwall.core.address import Address, Network
from floodwall.core.errors import FloodwallError
from floodwall.core.model import SECOND_NS, Endpoint, Guard, Protected, Reading, Target
from floodwall.core.observation import Observation, SensorFailure
from floodwall.core.services import ServiceTable
from floodwall.core.settings_sense import CanaryPolicy
from floodwall.kernel import rtnetlink
from floodwall.kernel.absent import AbsentPlane
from floodwall.kernel.netlink import counting_losses
from floodwall.kernel.tables import Tables
from floodwall.sense.addresses import own_addresses
from floodwall.sense.counters import read_reasons, read_services, uncounted
from floodwall.sense.half_open import read_half_open
from floodwall.sense.listeners import ListenerSensor
from floodwall.sense.protected import protected_networks
from floodwall.sense.signs import Around, Listened, SignSensors
from floodwall.sense.stack import read_stack_limits
from floodwall.sense.translated import Rewriting, read_rewriting

TRANSLATIONS_EVERY_NS = 10 * SECOND_NS
"""Asking nft costs a process, and rules of containers change seldom."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the daemon needs to know this second, besides what there always is."""

    interfaces: frozenset[int]
    can_hand_over: bool
    services: Iterable[int]
    ssh_ports: tuple[int, ...]
    allowed: frozenset[Network]
    """Networks that the operator has allowed by hand."""
    table: ServiceTable = field(default_factory=ServiceTable)
    """What is protected, as of the second before."""
    canary: CanaryPolicy = field(default_factory=CanaryPolicy)
    idle_s: float = 10.0
    """A connection that has sent no byte for so long is silent."""
    bans: Mapping[str, int] = field(default_factory=dict)
    """Bans in force by backend, as those who made them count."""
    banned: Collection[Network] = frozenset()
    """Networks that are banned."""


@dataclass(slots=True)
class Observer:
    """Reads the machine; keeps only what saves work, never what decides."""

    tables: Tables
    _listeners: ListenerSensor = field(default_factory=ListenerSensor)
    _signs: SignSensors = field(default_factory=SignSensors)
    _rewriting: Rewriting | None = None
    _rewriting_ns: int = 0
    _failures: list[SensorFailure] = field(default_factory=list)
    _losses: Mapping[str, int] = field(default_factory=dict)

    def observe(self, now_ns: int, wanted: Wanted) -> Observation:
        """Return what can be seen at this time."""
        with collecting_later():
            return self._observe(now_ns, wanted)

    def _observe(self, now_ns: int, wanted: Wanted) -> Observation:
        self._failures = []
        addresses = self._try("addresses", own_addresses)
        around = _around(now_ns, addresses, wanted)
        self._signs.begin(around, self._try)
        targets = self._try("listeners", self._listeners.read)
        stack = self._try("sysctls", read_stack_limits)
        counted = not isinstance(self.tables, AbsentPlane)
        waiting = self._try(
            "half-open entries", lambda: read_half_open(self._is_proven, ages=not counted)
        )
        rewriting = self._rewritten(now_ns)
        listened = Listened(
            listening=None if targets is None else self._listeners.present,
            requests=None if waiting is None else waiting.requests,
            stack=stack,
        )
        return Observation(
            now_ns=now_ns,
            wall_s=time.time(),
            interfaces=wanted.interfaces,
            mtu=self._try("interfaces", lambda: smallest_mtu(wanted.interfaces)) or 1500,
            can_hand_over=wanted.can_hand_over,
            stack=stack,
            targets=targets,
            addresses=addresses,
            translations=None if rewriting is None else rewriting.translations,
            nat=None if rewriting is None else rewriting.nat,
            protected=self._protected(targets, addresses, wanted),
            half_open=None if waiting is None else waiting.entries,
            requests={} if waiting is None else waiting.requests,
            ages={} if waiting is None else waiting.ages,
            readings=self._read(wanted, listened.requests),
            data_plane=counted,
            reasons=self._reasons(counted=counted),
            signs=self._signs.read(around, listened, self._try),
            failures=tuple(self._failures),
            losses=self._losses,
        )

    def close(self) -> None:
        """Let go of what the sensors hold open."""
        self._signs.close()

    def _try(self, sensor: str, read: Callable[[], T]) -> T | None:
        with counting_losses() as lost:
            found = self._read_one(sensor, read)
        if lost.count:
            self._losses = {**self._losses, sensor: self._losses.get(sensor, 0) + lost.count}
        return found

    def _read_one(self, sensor: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except FloodwallError as error:
            self._failures.append(SensorFailure(sensor, error.message))
        except Exception as error:  # noqa: BLE001  the world may answer anything; one sensor fails
            self._failures.append(SensorFailure(sensor, f"{type(error).__name__}: {error}"))
        return None

    def _read(
        self, wanted: Wanted, requests: Mapping[Endpoint, int] | None
    ) -> tuple[Reading, ...] | None:
        """Read the services; without a data plane only what waits in their queues is known."""
        if isinstance(self.tables, AbsentPlane):
            services = wanted.table.services
            return None if requests is None else uncounted(services, requests)
        return self._try("services", lambda: read_services(self.tables, tuple(wanted.services)))

    def _reasons(self, *, counted: bool) -> Mapping[str, int]:
        """Return nothing where nobody counts: zeros would say that nothing came."""
        return (self._try("counters", lambda: read_reasons(self.tables)) if counted else None) or {}

    def _rewritten(self, now_ns: int) -> Rewriting | None:
        due_ns = self._rewriting_ns + TRANSLATIONS_EVERY_NS
        if self._rewriting is None or now_ns >= due_ns:
            self._rewriting = self._try("translated ports", read_rewriting)
            self._rewriting_ns = now_ns
        return self._rewriting

    def _protected(
        self,
        targets: tuple[Target, ...] | None,
        addresses: frozenset[Address] | None,
        wanted: Wanted,
    ) -> frozenset[Protected] | None:
        if addresses is None:
            return None
        found = self._try(
            "gateways, resolvers and SSH peers",
            lambda: protected_networks(targets or (), addresses, wanted.ssh_ports),
        )
        if found is None:
            return None
        return found | {Protected(network, Guard.OPERATOR) for network in wanted.allowed}

    def _is_proven(self, packed: bytes) -> bool:
        return self.tables.proven.lookup(packed) is not None


def _around(now_ns: int, addresses: frozenset[Address] | None, wanted: Wanted) -> Around:
    return Around(
        now_ns=now_ns,
        interfaces=wanted.interfaces,
        addresses=addresses,
        table=wanted.table,
        canary=wanted.canary,
        idle_s=wanted.idle_s,
        bans=wanted.bans,
        banned=wanted.banned,
    )


@contextmanager
def collecting_later() -> Iterator[None]:
    """Put garbage collection off while a block runs.

    A flood makes 100,000 objects, all of them alive: looking at them again and again for cycles
    took a third of the observation.
    """
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def smallest_mtu(interfaces: frozenset[int]) -> int:
    """Return the smallest MTU in bytes of these interfaces; 1500 if none of them is there."""
    return min((link.mtu for link in rtnetlink.links() if link.index in interfaces), default=1500)
