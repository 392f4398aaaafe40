"""The daemon's life: start, a tick a second, signals and requests in between, end."""

import selectors
import signal
import time
from collections.abc import Callable, Mapping
from typing import Any

from floodwall.app.changes import Changes, opening
from floodwall.app.configure import Sources
from floodwall.app.control import ControlServer
from floodwall.app.defence import Defence, begin, wanted_interfaces
from floodwall.app.desk import Desk, Nothing, Verb
from floodwall.app.desk_arming import ArmingDesk
from floodwall.app.desk_bans import BanDesk
from floodwall.app.desk_live import LiveDesk, standing_of
from floodwall.app.desk_record import Present, RecordDesk
from floodwall.app.desk_settings import SettingsDesk
from floodwall.app.desk_status import StatusDesk
from floodwall.app.footing import find_footing
from floodwall.app.instance import claim
from floodwall.app.loop import Loop
from floodwall.app.notify import Notifier
from floodwall.app.past import open_past
from floodwall.app.peer import Peer, Role
from floodwall.app.present import services_of
from floodwall.app.report import Reporter
from floodwall.app.signals import HeldSignals
from floodwall.core.commands import RecordDecision
from floodwall.core.decision import Act, Decision
from floodwall.core.errors import ConfigError, FloodwallError
from floodwall.core.model import SECOND_NS
from floodwall.core.settings import Settings
from floodwall.core.summary import Totals, count, summarize
from floodwall.kernel import rtnetlink
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.probe import Feature, Features, mask_from_environment, probe
from floodwall.store.pending import PendingFile

_LOOK_S = 1.0
_SIGNALS = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


def run(sources: Sources, reporter: Reporter, *, wait: bool = False) -> None:
    """Defend this network namespace until SIGINT or SIGTERM; then leave it as it was."""
    settings = await_interfaces(sources, reporter) if wait else sources.read()
    features = probe(mask_from_environment())
    wanted_interfaces(settings)
    lacking = features.lacks(Feature.BPFFS)
    directory = StateDirectory.prepare(no_pins=features[Feature.BPFFS].reason if lacking else "")
    with HeldSignals(_SIGNALS) as signals:
        # Whoever takes settings back must be done before we look which ones hold.
        with PendingFile(directory.run).lock():
            lock = claim(directory.run)
            begun = opening(sources, directory.run, time.monotonic_ns())
        with lock, selectors.DefaultSelector() as selector:
            if begun.told:
                reporter.event(begun.told)
            defence = open_defence(directory, begun.settings, features)
            if not begun.settings.attach.interfaces:
                names = ", ".join(wanted_interfaces(begun.settings))
                reporter.event(f"protecting {names}, the interface of the default route")
            changes = Changes(begun, sources, directory.run, defence)
            _Daemon(defence, changes, reporter).run(directory, signals, selector)


def await_interfaces(
    sources: Sources, reporter: Reporter, sleep: Callable[[float], None] = time.sleep
) -> Settings:
    """Return the settings as soon as all interfaces are there that they want protected."""
    told = ""
    while True:
        settings = sources.read()
        try:
            for name in wanted_interfaces(settings):
                rtnetlink.link(name)
        except ConfigError as error:
            if error.message != told:
                told = error.message
                reporter.event(f"waits: {told}")
            sleep(_LOOK_S)
        else:
            return settings


def open_defence(directory: StateDirectory, settings: Settings, features: Features) -> Defence:
    """Find the best rung and begin; what cannot begin leaves what it found."""
    now_ns = time.monotonic_ns()
    try:
        mode, gateway = settings.attach.mode, settings.gateway.enabled
        footing = find_footing(directory, mode, features, now_ns, gateway=gateway)
        return begin(directory, footing, settings, now_ns)
    except (FloodwallError, OSError):
        # OSError is how Python itself says that there are no descriptors, or no room.
        if not directory.pinned("link_"):
            directory.remove()
        raise


class _Daemon:
    def __init__(self, defence: Defence, changes: Changes, reporter: Reporter) -> None:
        self._defence = defence
        self._changes = changes
        self._reporter = reporter
        self._notifier = Notifier()
        self._totals: Totals | None = None
        self._seen_ns = 0
        self._began_ns = time.monotonic_ns()

    def run(
        self, directory: StateDirectory, signals: HeldSignals, selector: selectors.BaseSelector
    ) -> None:
        """Tick and answer until told to stop."""
        self._tell()
        loop = Loop(signals, selector, self._tick, lambda number: self._obey(loop, number))
        loop.add(self._changes)
        try:
            control = self._open_control(directory, selector, loop)
            try:
                # From here on packets are judged, and whoever asks is answered.
                if self._defence.plan:
                    self._reporter.plan(self._defence.plan)
                self._notifier.ready(f"protects {', '.join(self._defence.names)}")
                loop.run()
            finally:
                if control:
                    control.close()
        except BaseException:
            # Our own mistake: protection goes on until the lease runs out or a restart adopts it.
            self._defence.abandon()
            raise
        self._notifier.stopping()
        self._defence.end()
        self._tell()

    def _open_control(
        self, directory: StateDirectory, selector: selectors.BaseSelector, loop: Loop
    ) -> ControlServer | None:
        """Listen for requests; a machine that cannot have a socket is defended all the same."""
        desk = Desk(self._verbs(loop), self._reporter.event)
        try:
            control = ControlServer(directory.run, selector, desk.answer, time.monotonic_ns())
        except OSError as error:
            self._reporter.event(f"no control socket, signals only: {error}")
            return None
        if control.trouble:
            self._reporter.event(control.trouble)
        loop.add(control)
        return control

    def _verbs(self, loop: Loop) -> dict[str, Verb]:
        defence, clock = self._defence, time.monotonic_ns

        def switch_off(peer: Peer, _: Nothing) -> Mapping[str, Any]:
            text = f"switched off, says {peer.who}"
            decision = Decision(
                clock(), Act.SWITCH_OFF, "operator", "floodwall", text, who=peer.who
            )
            defence.obey(RecordDecision(decision))
            loop.stop()
            return {}

        def present() -> Present:
            return Present(defence.state.never_ban or {}, services_of(defence.status(clock())))

        return {
            **RecordDesk(open_past, present).verbs(),
            **LiveDesk(
                defence.live.look,
                lambda: standing_of(defence, self._changes, self._began_ns, clock()),
            ).verbs(),
            **StatusDesk(lambda: defence.status(clock())).verbs(),
            **BanDesk(defence.obey, defence.operator, clock).verbs(),
            **ArmingDesk(defence, clock).verbs(),
            **SettingsDesk(self._changes, defence, clock).verbs(),
            "off": Verb(Role.OPERATE, Nothing, switch_off),
        }

    def _obey(self, loop: Loop, number: signal.Signals) -> None:
        if number == signal.SIGHUP:
            self._reload()
        else:
            loop.stop()

    def _reload(self) -> None:
        try:
            self._changes.reload()
        except FloodwallError as error:
            self._reporter.event(f"settings not reloaded, nothing has changed: {error.message}")
        self._tell()

    def _tick(self, now_ns: int) -> None:
        seen = self._defence.tick(now_ns)
        self._tell()
        totals, self._totals = self._totals, count(seen)
        if totals is not None:
            elapsed_s = (seen.now_ns - self._seen_ns) / SECOND_NS
            state, trouble = self._defence.state, self._defence.interfaces.trouble
            self._reporter.second(summarize(state, seen, totals, elapsed_s, trouble))
        self._seen_ns = seen.now_ns
        self._notifier.alive()

    def _tell(self) -> None:
        for sentence in self._defence.take_told():
            self._reporter.event(sentence)
