"""A service as the data plane counts it: clients that answer, forged SYNs that nobody answers.

The arming of bpf/service.h in miniature, good enough to tell what the counters look like.
"""

from collections import deque
from dataclasses import dataclass, field
from typing import Any

from floodwall.core.arming import half_open_lifetime_s, marks
from floodwall.core.classify.classifier import Classifier, classify
from floodwall.core.commands import Limits
from floodwall.core.model import SECOND_NS, Mechanism, Reading, Service, Target
from floodwall.core.observation import Observation
from floodwall.core.settings import ServiceMode
from floodwall.core.signs import Signs, StackCounters
from floodwall.core.verdict import Verdict
from tests.support.playbook import START_NS, endpoint

LIFETIME_S = half_open_lifetime_s(5)
HOLD_S = 5.0


@dataclass
class Site:
    """One service, its clients and its counters."""

    index: int = 0
    capacity: int = 511
    port: int = 80
    mode: ServiceMode = ServiceMode.PROTECT
    counts: dict[str, int] = field(default_factory=dict)
    armed_at: float = 0.0
    armed_until: float = 0.0
    _left: deque[tuple[float, int]] = field(default_factory=deque)
    _pending: int = 0
    _half_open: deque[tuple[float, int]] = field(default_factory=deque)
    _never: int = 0
    _late: int = 0
    _unanswered: tuple[int, int] = (0, 0)

    def __post_init__(self) -> None:
        self._high, self._low = marks(self.capacity, 0.5, 0.125)
        self.place = endpoint("192.0.2.10", self.port)

    @property
    def service(self) -> Service:
        """The service that the core makes of it."""
        bound = endpoint("0.0.0.0", self.port)
        target = Target(bound, self.capacity, process="nginx")
        return Service(
            self.index, bound, 0, (target,), self.mode, Mechanism.HANDOVER, self.capacity
        )

    @property
    def limits(self) -> Limits:
        """The limits that the core sets for it."""
        return Limits(
            self.mode, Mechanism.HANDOVER, self._high, self._low, int(HOLD_S * SECOND_NS), 65535
        )

    def second(
        self,
        now_s: float,
        clients: int = 100,
        forged: int = 0,
        *,
        debtors: int = 0,
        again: int = 0,
        on_the_way: int = 0,
        bad_acks: int = 0,
        stuck: int = 0,
    ) -> Reading:
        """Let a second pass that ends at `now_s`, and read the counters.

        `clients` complete their handshake; `forged` SYNs are never answered, `debtors` neither,
        but they are challenged in any case; `again` are SYNs of clients that come twice,
        `on_the_way` those whose answer comes later (negative: answers to earlier ones), and
        `stuck` clients answer but a full accept queue completes none of them.
        """
        syns = clients + forged + again + on_the_way + stuck
        owed = forged + again + on_the_way + stuck
        passing = 0.0 if self._is_armed(now_s) else 1.0
        if passing:
            passing = self._pass(now_s, owed)
            if on_the_way > owed / 2:
                # They came in the last moments, all at once.
                self.armed_at = max(self.armed_at, now_s - 0.05) if self.armed_at else 0.0
        self._queue(now_s, round((forged + stuck) * passing))
        self._late = max(0, self._late + on_the_way)
        challenged = syns - round(syns * passing)
        answered = clients + stuck
        self._add("syns", syns + debtors)
        self._add("passed", syns - challenged)
        self._add("challenged", challenged + debtors)
        self._add("proven", answered - round(answered * passing))
        self._add("completed", clients)
        self._add("bad_acks", bad_acks)
        missing = round((forged + again) * (1 - passing)) + debtors
        self._unanswered = (self._unanswered[1], missing)
        mark = self._low if self._is_armed(now_s) else self._high
        if self.mode is ServiceMode.PROTECT and sum(self._unanswered) * LIFETIME_S / 2 > mark:
            self.armed_at = self.armed_at if self._is_armed(now_s) else now_s
            self.armed_until = now_s + HOLD_S
        return Reading(
            self.index,
            **self.counts,
            pending=self._pending,
            armed_at_ns=_ns(self.armed_at) if self.armed_at else 0,
            armed_until_ns=_ns(self.armed_until) if self.armed_until else 0,
        )

    @property
    def waiting(self) -> int:
        """Half-open connections in the kernel's queue: SYNs that come twice make one."""
        return min(self._never + self._late, self.capacity)

    def _queue(self, now_s: float, count: int) -> None:
        """Let in who will never answer, and out who has waited for a whole lifetime."""
        while self._half_open and self._half_open[0][0] < now_s - LIFETIME_S:
            self._never -= self._half_open.popleft()[1]
        count = max(0, min(count, self.capacity - self._never))
        if count:
            self._half_open.append((now_s, count))
            self._never += count

    def _is_armed(self, now_s: float) -> bool:
        return self.mode is ServiceMode.ARMED or now_s < self.armed_until

    def _pass(self, now_s: float, owed: int) -> float:
        """Note what is owed; return the share of this second after which the service armed."""
        while self._left and self._left[0][0] < now_s - LIFETIME_S:
            self._pending = max(0, self._pending - self._left.popleft()[1])
        room = self._high - self._pending
        arms = self.mode is ServiceMode.PROTECT and owed > max(room, 0)
        share = max(room, 0) / owed if arms else 1.0
        noted = round(owed * share)
        self._left.append((now_s, noted))
        self._pending = max(0, self._pending + noted)
        if arms:
            self.armed_at = now_s - 1 + share
            self.armed_until = now_s + HOLD_S
        return share

    def _add(self, name: str, count: int) -> None:
        self.counts[name] = self.counts.get(name, 0) + count


def seen(now_s: float, *readings: Reading, **more: Any) -> Observation:
    """Observe these readings; every sensor works unless `signs` says otherwise."""
    signs = more.pop("signs", None) or Signs(queues=(), connections=(), stack=StackCounters())
    waiting = {site.place: site.waiting for site in more.pop("sites", ()) if site.waiting}
    return Observation(
        now_ns=_ns(now_s),
        requests=waiting,
        half_open=more.pop("half_open", ()),
        readings=more.pop("readings", readings),
        signs=signs,
        **more,
    )


def _ns(now_s: float) -> int:
    return START_NS + round(now_s * SECOND_NS)


class Onlooker:
    """Classifies what sites go through, from second to second."""

    def __init__(self, *sites: Site) -> None:
        self.sites = sites or (Site(),)
        self.classifier = Classifier()
        self.now_s = 0.0
        self.said: dict[int | None, Verdict] = {}

    def see(self, *readings: Reading, **more: Any) -> dict[int | None, Verdict]:
        """Classify one observation at the present time."""
        observed = seen(self.now_s, *readings, sites=self.sites, **more)
        self.classifier, verdicts = classify(
            self.classifier,
            observed,
            tuple(site.service for site in self.sites),
            {site.index: site.limits for site in self.sites},
        )
        self.said = {verdict.service: verdict for verdict in verdicts}
        return self.said

    def second(self, *, more: dict[str, Any] | None = None, **traffic: int) -> Verdict:
        """Let a second pass with this traffic at the first site, and return what is said of it."""
        self.now_s += 1
        readings = [self.sites[0].second(self.now_s, **traffic)]
        readings += [site.second(self.now_s, 0) for site in self.sites[1:]]
        return self.see(*readings, **(more or {}))[self.sites[0].index]

    def seconds(self, count: int, **traffic: Any) -> list[Verdict]:
        """Let some seconds pass with the same traffic."""
        return [self.second(**traffic) for _ in range(count)]
