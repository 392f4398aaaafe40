"""The run itself: everybody begins, the clock goes on, readings are taken at their times."""

import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from floodwall.kernel._abi import Reason
from floodwall.lab import hearing, summary
from floodwall.lab.banned import banned, innocent, unproven
from floodwall.lab.cast import Cast
from floodwall.lab.connections import ConnectReport
from floodwall.lab.defence import Daemon, mechanism
from floodwall.lab.flood import FloodReport
from floodwall.lab.leaks import LeakWatch
from floodwall.lab.load import ClientReport
from floodwall.lab.meter import LineReading, Meter
from floodwall.lab.pauses import Pauses
from floodwall.lab.result import Attack, Defence, Row, RowResult, Verdicts
from floodwall.lab.scenario import Scenario
from floodwall.lab.timeline import Timeline
from floodwall.lab.topology import Topology
from floodwall.lab.watch import Arming, Watch

_BACK_WITHIN_NS = 1_000_000_000
_LEAD_NS = 50_000_000  # between the word to begin and the beginning


@dataclass(frozen=True, slots=True)
class Played:
    """What was seen in one run, before anything is summed up.  Times are monotonic ns."""

    timeline: Timeline
    clients: list[ClientReport]
    floods: list[FloodReport]
    connects: list[ConnectReport]
    line: LineReading
    pauses: Pauses
    defence: Defence | None

    def result(self, row: Row, leaks: tuple[str, ...]) -> RowResult:
        """Sum up."""
        at = self.timeline
        sessions = [one for report in self.clients for one in report.long_lived]
        return RowResult(
            row=row,
            quiet=summary.service(self.clients, at.quiet_ns, at.attack_ns),
            service=summary.service(self.clients, at.judged_ns, at.calm_ns),
            established=summary.established(sessions),
            attack=self._attack(),
            pauses=self.pauses,
            defence=self.defence,
            leaks=leaks,
        )

    def _attack(self) -> Attack | None:
        if not self.floods and not self.connects:
            return None
        return summary.attack(self.floods, self.connects, self.line, self.timeline.seconds)


class Stage:
    """A built lab with, for Floodwall's rows, its daemon."""

    def __init__(
        self, row: Row, network: Topology, meter: Meter, watch: LeakWatch, scenario: Scenario
    ) -> None:
        """Take over what is built; nothing runs yet but the server."""
        self._scenario = scenario
        self._row = row
        self._network = network
        self._meter = meter
        self._watch = watch
        self._daemon: Daemon | None = None

    def defend(self) -> None:
        """Start Floodwall, if this row is one of it, and wait until it protects the server."""
        if not self._row.is_floodwall:
            return
        interface = self._network.server_line.far_end
        generic = self._row is Row.GENERIC
        settings = self._scenario.settings
        self._daemon = Daemon(self._network.server, interface, generic=generic, settings=settings)
        self._daemon.wait_ready()
        self._watch.note_process(self._daemon.pid)
        place = self._daemon.place()
        if place is not None:
            self._watch.note_place(place)

    def play(self, everybody: Cast, timeline: Timeline) -> Played:
        """Let everybody do their part, and wait for the calm after it."""
        base_ns = time.monotonic_ns() + _LEAD_NS
        everybody.go(base_ns)
        at = timeline.at(base_ns)
        _sleep_until(at.attack_ns)
        before = self._meter.read()
        if self._scenario.defended_after_s is not None:
            at = self._defend_late(at, self._scenario.defended_after_s)
        with ExitStack() as open_tables:
            watch = None
            if self._daemon is not None:
                tables = open_tables.enter_context(self._daemon.tables())
                watch = Watch(tables, at.attack_ns)
                watch.look_until(at.calm_ns)
            _sleep_until(at.calm_ns)
            line = self._meter.read().since(before)
            floods = everybody.flood_reports()
            connects = everybody.connect_reports()
            seen = everybody.client_reports()
            played = Played(at, seen, floods, connects, line, everybody.pauses(), None)
            if self._daemon is not None and watch is not None:
                watch.wait_for_calm()
                defence = self._describe(self._daemon, watch.arming, played)
                played = replace(played, defence=defence)
        return played

    def _defend_late(self, at: Timeline, after_s: float) -> Timeline:
        """Start Floodwall in the middle of the attack; what comes a second later is judged."""
        _sleep_until(at.attack_ns + round(after_s * 1e9))
        self.defend()
        return replace(at, judged_ns=time.monotonic_ns() + _BACK_WITHIN_NS)

    def _describe(self, daemon: Daemon, arming: Arming, played: Played) -> Defence:
        """Return what the daemon's maps and its own words say after the attack."""
        attackers: list[FloodReport | ConnectReport] = [*played.floods, *played.connects]
        first_ns = min((report.first_ns for report in attackers), default=0)
        last_ns = max((report.last_ns for report in attackers), default=0)
        back_ns = summary.back_ns(played.clients)
        with daemon.tables() as tables:
            where = mechanism(tables, self._network.server, self._network.server_line.far_end)
            bans, unproven_bans, innocent_bans = (
                len(found(tables)) for found in (banned, unproven, innocent)
            )
            reasons = {Reason(code).name: n for code, n in tables.reasons().items() if n}
        return Defence(
            mechanism=where,
            ready_after_s=(daemon.ready_ns - daemon.started_ns) / 1e9,
            first_challenge_after_ms=_between(first_ns, arming.challenge_ns, 1e6),
            arming_ms=_between(arming.armed_ns, arming.challenge_ns, 1e6),
            calm_after_s=_calm_after_s(arming, last_ns),
            bans=bans,
            unproven_bans=unproven_bans,
            innocent_bans=innocent_bans,
            verdicts=self._verdicts(daemon, played.timeline, first_ns),
            back_after_s=_between(daemon.started_ns, back_ns, 1e9),
            half_open_at_start=daemon.half_open_at_start,
            reasons=reasons,
        )

    def _verdicts(self, daemon: Daemon, at: Timeline, first_ns: int) -> Verdicts:
        """Return what it said from the first packet of the attack, or from its own start, on."""
        told = hearing.hear(daemon.told(), hearing.clock_offset_ns())
        begin_ns = max(first_ns or at.attack_ns, daemon.ready_ns)
        wanted = self._scenario.bar.verdicts
        attacked = any(kind.is_attack for kind in wanted)
        return hearing.sum_up(told, begin_ns, at.calm_ns, wanted, attacked=attacked)

    def __enter__(self) -> Self:
        """Return the stage itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the daemon as an operator would."""
        if self._daemon is not None:
            self._daemon.stop()


def _calm_after_s(arming: Arming, last_ns: int) -> float | None:
    """Return how long after the last packet of the flood nothing was armed any more."""
    until = arming.armed_until_ns
    if until is None:
        return 0.0
    return (until - last_ns) / 1e9 if until <= time.monotonic_ns() else None


def _between(start_ns: int | None, end_ns: int | None, unit_ns: float) -> float | None:
    if start_ns is None or end_ns is None:
        return None
    return max(end_ns - start_ns, 0) / unit_ns


def _sleep_until(moment_ns: int) -> None:
    left = moment_ns - time.monotonic_ns()
    if left > 0:
        time.sleep(left / 1e9)
