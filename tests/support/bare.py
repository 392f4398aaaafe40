"""A service where nothing counts SYNs: its queue and the counters of the stack are all there is.

The kernel's queue in miniature: entries that live for a lifetime, and SYN cookies once it is full.
"""

from collections import deque
from dataclasses import dataclass, field, replace
from typing import Any

from floodwall.core.arming import half_open_lifetime_s, marks
from floodwall.core.classify.classifier import Classifier, classify
from floodwall.core.commands import Limits
from floodwall.core.model import SECOND_NS, Ages, HalfOpen, Mechanism, Reading, Service, Target
from floodwall.core.observation import Observation
from floodwall.core.settings import ServiceMode
from floodwall.core.signs import Connections, Queue, Signs, StackCounters
from floodwall.core.verdict import Verdict
from tests.support.playbook import endpoint
from tests.support.traffic import seen

LIFETIME_S = half_open_lifetime_s(5)
STRANGER = endpoint("203.0.113.9", 4321)


@dataclass
class BareSite:
    """One listener, who comes to it, and what the stack says of that."""

    index: int = 0
    capacity: int = 511
    port: int = 80
    cookies: bool = True
    """False: SYNs that find a full queue are dropped."""
    stack: StackCounters = field(default_factory=StackCounters)
    opened: int = 0
    """New connections of this second."""
    _never: deque[tuple[float, int]] = field(default_factory=deque)
    _late: int = 0
    _again: tuple[int, int] = (0, 0)
    _now_s: float = 0.0

    def __post_init__(self) -> None:
        self.place = endpoint("192.0.2.10", self.port)

    @property
    def service(self) -> Service:
        """The service that the core makes of it."""
        bound = endpoint("0.0.0.0", self.port)
        target = Target(bound, self.capacity, process="nginx")
        mode, way = ServiceMode.PROTECT, Mechanism.STACK
        return Service(self.index, bound, 0, (target,), mode, way, self.capacity)

    @property
    def limits(self) -> Limits:
        """The limits that the core sets for it."""
        high, low = marks(self.capacity, 0.5, 0.125)
        return Limits(ServiceMode.PROTECT, Mechanism.STACK, high, low, 5 * SECOND_NS, 65535)

    def second(
        self,
        now_s: float,
        clients: int = 100,
        forged: int = 0,
        *,
        again: int = 0,
        on_the_way: int = 0,
    ) -> Reading:
        """Let a second pass; the words are those of `Site.second`."""
        self._now_s = now_s
        while self._never and self._never[0][0] <= now_s - LIFETIME_S:
            self._never.popleft()
        self._late = max(0, self._late + on_the_way)
        self._again = (self._again[1], again)
        room = max(0, self.capacity - self.waiting)
        kept = min(forged, room)
        self._never.append((now_s, kept))
        refused = forged - kept
        # While the queue is full, clients get cookies, too.
        by_cookie = clients * refused // forged if forged else 0
        self._count(refused, by_cookie)
        self.opened = clients if self.cookies else clients - by_cookie
        self.stack = replace(self.stack, passive_opens=self.stack.passive_opens + self.opened)
        return Reading(self.index, pending=self.waiting)

    @property
    def waiting(self) -> int:
        """Half-open connections in the queue."""
        return sum(count for _, count in self._never) + self._late + sum(self._again)

    @property
    def ages(self) -> Ages:
        """The youngest of them."""
        newest = self._born(0)
        return Ages(newest + self._late + self._again[1], self._born(1) + self._again[0])

    @property
    def stale(self) -> int:
        """Those older than a second."""
        return self.waiting - self.ages.first

    @property
    def queue(self) -> Queue:
        """Its accept queue, in which nobody waits."""
        return Queue(endpoint("0.0.0.0", self.port), 0, self.waiting, 0, self.capacity, "nginx")

    def _born(self, seconds_ago: int) -> int:
        return sum(count for born, count in self._never if born == self._now_s - seconds_ago)

    def _count(self, refused: int, by_cookie: int) -> None:
        if not self.cookies:
            drops = self.stack.listen_drops + refused + by_cookie
            self.stack = replace(self.stack, listen_drops=drops)
            return
        self.stack = replace(
            self.stack,
            cookies_sent=self.stack.cookies_sent + refused + by_cookie,
            cookies_received=self.stack.cookies_received + by_cookie,
        )


def added(*stacks: StackCounters) -> StackCounters:
    """Return the counters of a machine that has all of these."""
    names = StackCounters.__dataclass_fields__
    return StackCounters(**{name: sum(getattr(one, name) for one in stacks) for name in names})


def bare(now_s: float, sites: tuple[BareSite, ...], **more: Any) -> Observation:
    """Observe these sites without a data plane; every sensor works unless `more` says otherwise."""
    signs = Signs(
        queues=tuple(site.queue for site in sites),
        connections=tuple(
            Connections(site.index, 25 * site.opened, 0, site.opened, 80) for site in sites
        ),
        stack=added(*(site.stack for site in sites)),
    )
    defaults: dict[str, Any] = {
        "signs": signs,
        "ages": {site.place: site.ages for site in sites},
        "half_open": tuple(
            entry
            for site in sites
            for entry in (HalfOpen(site.place, STRANGER, 1, proven=False),) * site.stale
        ),
        "readings": tuple(Reading(site.index, pending=site.waiting) for site in sites),
        "data_plane": False,
    }
    return replace(seen(now_s, sites=sites), **(defaults | more))


class BareOnlooker:
    """Classifies what sites without a data plane go through, from second to second."""

    def __init__(self, *sites: BareSite) -> None:
        self.sites = sites or (BareSite(),)
        self.classifier = Classifier()
        self.now_s = 0.0
        self.said: dict[int | None, Verdict] = {}

    def second(self, *, more: dict[str, Any] | None = None, **traffic: int) -> Verdict:
        """Let a second pass with this traffic at the first site, and return what is said of it."""
        self.now_s += 1
        self.sites[0].second(self.now_s, **traffic)
        for site in self.sites[1:]:
            site.second(self.now_s, 0)
        self.classifier, verdicts = classify(
            self.classifier,
            bare(self.now_s, self.sites, **(more or {})),
            tuple(site.service for site in self.sites),
            {site.index: site.limits for site in self.sites},
        )
        self.said = {verdict.service: verdict for verdict in verdicts}
        return self.said[self.sites[0].index]

    def seconds(self, count: int, **traffic: Any) -> list[Verdict]:
        """Let some seconds pass with the same traffic."""
        return [self.second(**traffic) for _ in range(count)]
