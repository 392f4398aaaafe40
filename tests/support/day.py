"""A day in the life of a server that nobody attacks, second by second, as sensors would show it.

Diurnal traffic on a web server, an application behind a balancer's health checks and a carrier's
NAT, and a mail server that speaks first; crowds, thundering herds, scans, a backup, a bad network.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from math import cos, pi, sqrt
from random import Random

from floodwall.core.model import Reading, StackLimits
from floodwall.core.observation import Observation
from floodwall.core.signs import (
    Canary,
    Connections,
    LinkLoad,
    Peer,
    Queue,
    Signs,
    StackCounters,
)
from tests.support.playbook import HOME, HOME6, endpoint
from tests.support.traffic import Site, seen

DAY_S = 86400
MONDAY_S = 4 * 86400.0
"""1970-01-05 was a Monday."""

LOST = 0.03
"""Share of clients whose SYN-ACK is lost once: RELIABILITY number 9."""

VANISH = 0.002
"""Share of clients that never finish."""

GIGABIT = 1_000_000_000

CANARY = Canary(endpoint("192.0.2.10", 80), connected=True, took_ms=0.1, index=0)

Span = tuple[int, int]

CROWDS: tuple[Span, ...] = ((28_800, 29_700), (50_000, 50_600), (75_000, 76_200))
"""Ten times the usual: within a minute, at once, and from far away."""

SCANS: tuple[Span, ...] = ((5_000, 5_020), (20_000, 20_060), (61_000, 61_600), (80_000, 80_002))
SCAN_RATES = (50, 500, 20, 900)

BACKUP: Span = (7_200, 10_800)
BAD_NETWORK: Span = (54_000, 54_600)
"""15 % of SYN-ACKs are lost."""

UNSEEN: Span = (40_000, 40_120)
"""The data plane's counters cannot be read."""

SUSPENDED: Span = (45_000, 45_040)
"""Nothing is observed at all."""

MAIL, APP, WEB = 2, 1, 0


def within(span: Span, second: int, after: int = 0) -> bool:
    """Tell whether a second lies in a span, or so many seconds after it."""
    return span[0] <= second < span[1] + after


@dataclass
class Day:
    """The server and its day."""

    seed: int = 4987
    start: int = 0
    sites: tuple[Site, ...] = ()
    forged: dict[int, int] = field(default_factory=dict)
    """SYNs that come on top in the present second, by service: for whoever adds an attack."""
    _random: Random = field(default_factory=Random)
    _late: dict[int, int] = field(default_factory=dict)
    _silent: dict[int, float] = field(default_factory=dict)
    _closed: int = 0
    _resets: int = 0
    _sent: int = 0

    def __post_init__(self) -> None:
        self._random = Random(self.seed)
        # Drawing is dear: a pool that is no divisor of anything repeats nothing that matters.
        self._normal = cycle([self._random.gauss(0, 1) for _ in range(9973)])
        self.sites = (Site(WEB, 511, 80), Site(APP, 512, 8080), Site(MAIL, 100, 25))
        self._bound = tuple(site.service.bound for site in self.sites)

    def seconds(self, count: int = DAY_S) -> Iterator[tuple[int, Observation]]:
        """Let time pass; yield each second with what is observed at its end."""
        for second in range(self.start, self.start + count):
            readings = (self._web(second), self._app(second), self._mail(second))
            self._noise(second)
            if within(SUSPENDED, second):
                continue
            yield second, self._observe(second, readings)

    def _web(self, second: int) -> Reading:
        rate, far = self._demand(second), 0.1
        for crowd, quick in zip(CROWDS, (60, 1, 60), strict=True):
            if within(crowd, second):
                rate *= 1 + 9 * min((second - crowd[0] + 1) / quick, 1)
                far = 0.6 if crowd == CROWDS[-1] else 0.2
        lost = 0.15 if within(BAD_NETWORK, second) else LOST
        return self._visit(WEB, second, rate, far, lost)

    def _app(self, second: int) -> Reading:
        """Health checks, a carrier's NAT, and a herd at each full hour, some of it on the way."""
        rate = 50 + 33 + 0.2 * self._demand(second)
        herd = 1500 if second % 3600 == 0 else 0
        far = self._random.choice((0.05, 0.95)) if herd else 0.05
        return self._visit(APP, second, rate + herd, far, 0.004)

    def _mail(self, second: int) -> Reading:
        return self._visit(MAIL, second, 0.03 * self._demand(second), 0.1, LOST)

    @staticmethod
    def _demand(second: int) -> float:
        """Least at 4 in the morning, six times as much at 4 in the afternoon."""
        return 70 - 50 * cos(2 * pi * (second - 14_400) / DAY_S)

    def _visit(self, index: int, second: int, rate: float, far: float, lost: float) -> Reading:
        come = self._count(rate)
        vanish = self._count(come * VANISH)
        on_the_way = min(come - vanish, self._count(come * far)) if come > vanish else 0
        before = self._late.get(index, 0)
        self._late[index] = on_the_way
        silent = self._silent.get(index, 0.0)
        self._silent[index] = silent + (come * (0.04 if index != MAIL else 0.5) - silent) / 5
        return self.sites[index].second(
            float(second),
            clients=max(0, come - vanish - on_the_way + before),
            forged=vanish + self.forged.get(index, 0),
            again=self._count(come * lost),
            on_the_way=on_the_way - before,
        )

    def _noise(self, second: int) -> None:
        """Scanners of the whole Internet, resets of impatient clients, and the backup's load."""
        self._closed += self._count(0.2)
        for span, rate in zip(SCANS, SCAN_RATES, strict=True):
            if within(span, second):
                self._closed += rate
        self._resets += self._count(0.02 * self._demand(second))
        self._sent += (GIGABIT * 97 // 100 if within(BACKUP, second) else GIGABIT // 20) // 8

    def _count(self, mean: float) -> int:
        """Draw a count with this mean, as independent arrivals have it."""
        if mean <= 0:
            return 0
        if mean > 4:
            return max(0, round(mean + next(self._normal) * sqrt(mean)))
        drawn, left = 0, self._random.expovariate(1)
        while left < mean:
            drawn, left = drawn + 1, left + self._random.expovariate(1)
        return drawn

    def _observe(self, second: int, readings: tuple[Reading, ...]) -> Observation:
        unseen = within(UNSEEN, second)
        return seen(
            float(second),
            *(() if unseen else readings),
            sites=self.sites,
            wall_s=MONDAY_S + second,
            stack=StackLimits(),
            addresses=frozenset({HOME, HOME6}),
            reasons={"pass_closed_port": self._closed, "pass_calm_ack": 50 * second},
            signs=self._signs(second, readings),
            **({"readings": None} if unseen else {}),
        )

    def _signs(self, second: int, readings: tuple[Reading, ...]) -> Signs:
        # A herd fills the accept queue for the blink in which we look.
        burst = 511 if second % 3600 == 0 else 0
        return Signs(
            queues=tuple(
                Queue(bound, 0, site.waiting, min(burst, site.capacity), site.capacity, "nginx")
                for bound, site in zip(self._bound, self.sites, strict=True)
            ),
            stack=StackCounters(out_resets=self._resets + self._closed),
            links=(LinkLoad("eth0", 2, 0, self._sent, 0, 0, GIGABIT),),
            connections=tuple(self._connections(reading) for reading in readings),
            canaries=(CANARY,),
        )

    def _connections(self, reading: Reading) -> Connections:
        index = reading.index
        silent = round(self._silent[index])
        held = silent if index == MAIL else silent * 25
        nat = Peer(HOME, 165, 6, 33)
        peers = (nat,) if index == APP else ()
        return Connections(index, max(held, silent), silent, 100, 80, peers)
