"""The loop: a tick a second, signals in between."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager

from floodwall.app.configure import Sources
from floodwall.app.defence import Defence, begin, wanted_interfaces
from floodwall.app.instance import claim
from floodwall.app.report import Reporter
from floodwall.core.errors import FloodwallError
from floodwall.core.model import SECOND_NS
from floodwall.core.summary import Totals, count, summarize
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.dataplane import DataPlane
from floodwall.kernel.probe import Feature, mask_from_environment, probe

_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})
TICK_NS = SECOND_NS


def run(sources: Sources, reporter: Reporter) -> None:
    """Defend this network namespace until SIGINT or SIGTERM; then leave it as it was."""
    settings = sources.read()
    features = probe(mask_from_environment())
    features.require(Feature.CAPABILITIES, Feature.LIBBPF)
    names = wanted_interfaces(settings)
    directory = StateDirectory.prepare()
    with _held(_SIGNALS), claim(directory.run):
        try:
            plane = DataPlane.start(directory, features)
        except FloodwallError:
            if not directory.pinned("link_"):
                directory.remove()
            raise
        defence = begin(directory, plane, settings, time.monotonic_ns())
        if not settings.attach.interfaces:
            reporter.event(f"protecting {', '.join(names)}, the interface of the default route")
        _Loop(defence, sources, reporter).run()


@contextmanager
def _held(signals: frozenset[signal.Signals]) -> Iterator[None]:
    """Keep signals back until the loop asks for them: no step is ever half done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Loop:
    def __init__(self, defence: Defence, sources: Sources, reporter: Reporter) -> None:
        self._defence = defence
        self._sources = sources
        self._reporter = reporter
        self._totals: Totals | None = None
        self._seen_ns = 0

    def run(self) -> None:
        """Tick until told to stop."""
        self._tell()
        if self._defence.plan:
            self._reporter.plan(self._defence.plan)
        due_ns = time.monotonic_ns()
        try:
            while not self._stopped(due_ns):
                self._tick()
                # A tick that took too long is not made up for: the next one is a second away.
                due_ns = max(due_ns + TICK_NS, time.monotonic_ns())
        except BaseException:
            # Our own mistake: protection goes on until the lease runs out or a restart adopts it.
            self._defence.abandon()
            raise
        self._defence.end()
        self._tell()

    def _stopped(self, due_ns: int) -> bool:
        """Wait for the next tick; obey signals meanwhile."""
        while True:
            left_ns = max(0, due_ns - time.monotonic_ns())
            caught = signal.sigtimedwait(_SIGNALS, left_ns / SECOND_NS)
            if caught is None:
                return False
            if caught.si_signo != signal.SIGHUP:
                return True
            self._reload()

    def _reload(self) -> None:
        try:
            self._defence.reload(self._sources.read(), time.monotonic_ns())
        except FloodwallError as error:
            self._reporter.event(f"settings not reloaded, nothing has changed: {error.message}")
        self._tell()

    def _tick(self) -> None:
        seen = self._defence.tick(time.monotonic_ns())
        self._tell()
        totals, self._totals = self._totals, count(seen)
        if totals is not None:
            elapsed_s = (seen.now_ns - self._seen_ns) / SECOND_NS
            self._reporter.second(summarize(self._defence.state, seen, totals, elapsed_s))
        self._seen_ns = seen.now_ns

    def _tell(self) -> None:
        for sentence in self._defence.take_told():
            self._reporter.event(sentence)
