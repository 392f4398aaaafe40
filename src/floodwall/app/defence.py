"""The defence of one network namespace: one second after the other, and its end.

Law: nothing is attached before the maps are right, and nothing stays behind after `end`.
"""

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

from floodwall.act.ban_book import BanBook
from floodwall.act.bans import BanTable
from floodwall.act.dataplane import DataPlaneWriter
from floodwall.act.perform import Hands, Result
from floodwall.act.sysctl import ATTACK, SYNCOOKIES, restore_sysctls
from floodwall.app.affinity import Affinity
from floodwall.app.ban_notes import BanNotes
from floodwall.app.chores import HEAL_NS, SWEEP_NS, Attempts, Chore
from floodwall.app.footing import LAST_WORDS, Footing, Rung, may_descend
from floodwall.app.live import Liveness
from floodwall.app.operator import Operator
from floodwall.app.recording import Recording
from floodwall.app.status import Status, said, status_of
from floodwall.core.address import Network
from floodwall.core.commands import Command, RecordDecision
from floodwall.core.decide import decide
from floodwall.core.decision import Act, Decision
from floodwall.core.errors import ConfigError, FloodwallError, KernelError, NotSupported
from floodwall.core.model import SECOND_NS
from floodwall.core.observation import Observation
from floodwall.core.plan import Plan, make_plan
from floodwall.core.settings import Settings
from floodwall.core.standing import verdict_text
from floodwall.core.state import State
from floodwall.core.upkeep import Step
from floodwall.core.verdict import Kind
from floodwall.kernel import rtnetlink, sysctl
from floodwall.kernel.bpffs import StateDirectory
from floodwall.sense.observe import Observer, Wanted
from floodwall.store.journal import Journal
from floodwall.store.plans import write_plan
from floodwall.store.undo import UndoLedger
from floodwall.store.words import Words


class Defence:
    """Observes, decides and acts upon one network namespace."""

    def __init__(
        self, directory: StateDirectory, footing: Footing, settings: Settings, now_ns: int
    ) -> None:
        run = directory.run
        self._directory = directory
        self._journal = Journal(run)
        self._undo = UndoLedger(run)
        self._words = Words(run)
        self._affinity = Affinity()
        self._observer = Observer(footing.plane)
        self._sweeping = Chore("removing expired bans", SWEEP_NS, now_ns + SWEEP_NS)
        self._healing = Chore("healing the data plane", HEAL_NS, now_ns + HEAL_NS)
        self._comparing = Chore("comparing the bans", HEAL_NS, now_ns + HEAL_NS)
        self._attempts = Attempts()
        self._allowed: frozenset[Network] = frozenset()
        self._failing: frozenset[str] = frozenset()
        self._told: list[str] = []
        self._record = Recording(run, settings.record, now_ns)
        self._mode = settings.attach.mode
        self._may_descend = may_descend(directory, self._mode)
        self._stand_on(footing)
        rotated_ns = now_ns if self._writer.has_key() else None
        self.state = State.adopted(settings, self._writer.endpoints(), rotated_ns)
        self.plan: Plan | None = None
        self.seen = Observation(now_ns)
        self.live = Liveness()

    def start(self, now_ns: int) -> None:
        """Take over links that were left, fill the maps, and attach."""
        names = wanted_interfaces(self.state.settings)
        indexes = frozenset(rtnetlink.link(name).index for name in names)
        if self._footing.take_over():
            self._tell(["took over from a daemon that died; protection went on without it"])
        self._bans.adopt(now_ns)
        # Whoever knew that the attack goes on is dead; if it does, a second changes it again.
        self._tell(restore_sysctls(self._undo, ATTACK))
        self._second(now_ns, indexes, hand_over=self._footing.can_hand_over)
        self._resume(now_ns)
        self._attach(names, now_ns)
        self.tick(now_ns)

    def tick(self, now_ns: int) -> Observation:
        """Observe, decide and act once; return what was seen."""
        self._tell(self._attempts.run("following the interfaces", self.interfaces.follow))
        interfaces = self.interfaces
        seen = self._second(now_ns, interfaces.indexes, hand_over=interfaces.can_hand_over)
        self._resume(now_ns)
        self._tell(self._attempts.run("staying off busy CPUs", lambda: self._keep_away(now_ns)))
        self._keep_plan()
        self._tidy(now_ns)
        return seen

    def obey(self, command: Command) -> Result:
        """Carry out at once what somebody asked for, outside of the rhythm of seconds."""
        now_ns = time.monotonic_ns()
        self._record.order(self.state, now_ns, command)
        self.live.note(command)
        outcome = self._hands.perform([command])
        self._record.done(now_ns, outcome)
        self._tell(outcome.told)
        if isinstance(command, RecordDecision) and command.decision.act in (
            Act.ALLOW,
            Act.DISALLOW,
        ):
            # The hand writes beside the core: a word said and taken back within a second is undone.
            self.state = replace(self.state, never_ban=None)
        return outcome.results[0]

    def order(self, step: Step, decision: Decision) -> None:
        """Take over a step that somebody asked for, once its decision is on record."""
        self.state, commands = step
        self.obey(RecordDecision(decision))
        results = [self.obey(command) for command in commands]
        if failed := [result.error for result in results if result.error]:
            self.state = self.state.forgetful()
            raise KernelError("; ".join(failed), op=decision.act)

    def require_challenges(self) -> None:
        """Raise NotSupported where nothing can challenge a SYN."""
        if self._footing.rung is not Rung.XDP:
            raise NotSupported(
                f"nothing can challenge SYNs here: it stands on {self._footing.description}",
                feature="challenges",
                hint=self._footing.refused[0] if self._footing.refused else "",
            )

    def check(self, settings: Settings) -> None:
        """Raise ConfigError if these settings cannot be swapped for the present ones."""
        if settings.attach.mode is not self.state.settings.attach.mode:
            raise ConfigError(
                "attach.mode cannot change while interfaces are attached",
                hint="restart the daemon; a restart loses no packet",
            )
        if settings.gateway.enabled is not self.state.settings.gateway.enabled:
            raise ConfigError(
                "gateway.enabled cannot change while the daemon runs",
                hint="restart the daemon; a restart loses no packet",
            )
        self._record.check(settings.record)

    def reload(self, settings: Settings, now_ns: int) -> None:
        """Swap all settings, or raise and leave everything as it was."""
        self.check(settings)
        self.interfaces.attach(wanted_interfaces(settings))
        self._record.configure(settings.record)
        self.state = replace(self.state, settings=settings)
        self._tell(["settings reloaded"])
        self.tick(now_ns)

    def settle(self, settings: Settings) -> None:
        """Swap all settings; interfaces stay as they are attached."""
        self._record.configure(settings.record)
        self.state = replace(self.state, settings=settings)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the interfaces that are protected."""
        return self.interfaces.names

    def operator(self) -> Operator:
        """Return the operator's hand, for what is said and listed beside the bans."""
        table = BanTable(self._footing.bans)
        return Operator(table, self._directory, self.state.settings.bans)

    def status(self, now_ns: int) -> Status:
        """Return what holds now, from the maps themselves."""
        status = status_of(self._footing.plane, self._directory.run, os.getpid(), now_ns)
        readings = {reading.index: reading for reading in self.seen.readings or ()}
        services = tuple(
            # Without a data plane only what was sensed is known.
            said(
                each
                if self.seen.data_plane
                else replace(each, reading=readings[each.reading.index]),
                self.state,
                now_ns,
            )
            for each in status.services
            if self.seen.data_plane or each.reading.index in readings
        )
        bans = len(self._bans.wanted(now_ns))
        trouble = status.trouble or self.interfaces.trouble or self._record.trouble
        whole = self.state.verdicts.get(None)
        return replace(
            status,
            bans=bans,
            services=services,
            trouble=trouble,
            machine=verdict_text(whole) if whole and whole.kind is not Kind.CALM else "",
            blind=tuple(sorted(failure.sensor for failure in self.seen.failures)),
            losses=dict(self.seen.losses),
        )

    def lease_s(self, now_ns: int) -> float:
        """Return how long the data plane would act without us."""
        return max(0.0, (self._footing.plane.lease() - now_ns) / SECOND_NS)

    @property
    def trouble(self) -> str:
        """Return what is wrong with the record, or nothing."""
        return self._record.trouble

    def end(self) -> None:
        """Leave the machine as it was before `start`."""
        self._footing.plane.detach_all()
        self._bans.destroy()
        self._tell(restore_sysctls(self._undo))
        self._record.end(self.state)
        self._affinity.end()
        self._observer.close()
        self._footing.plane.close()
        self._directory.remove()

    def abandon(self) -> None:
        """Let go, and leave to the lease what is pinned."""
        self._record.abandon()
        self._affinity.end()
        self._observer.close()
        self._bans.close()
        self._footing.plane.close()

    def take_told(self) -> list[str]:
        """Return the sentences since the last time."""
        told, self._told = self._told, []
        return told

    def _second(self, now_ns: int, interfaces: frozenset[int], *, hand_over: bool) -> Observation:
        settings, banned = self.state.settings, self._bans.wanted(now_ns)
        self._tell(self._attempts.run("reading who is allowed", lambda: self._read_words(now_ns)))
        wanted = Wanted(
            interfaces=interfaces,
            can_hand_over=hand_over,
            services=[service.index for service in self.state.table.services],
            ssh_ports=settings.protect.ssh_ports,
            allowed=self._allowed,
            table=self.state.table,
            canary=settings.canary,
            idle_s=settings.limits.idle_s,
            bans={self._footing.rung.value: len(banned)},
            banned=banned.keys(),
        )
        seen = replace(self._observer.observe(now_ns, wanted), bans=banned)
        self.seen = seen
        self.state, commands = decide(self.state, seen)
        self._record.write(self.state, seen, commands)
        self.live.take(self.state, seen, commands)
        outcome = self._hands.perform(commands)
        self._record.done(now_ns, outcome)
        self._tell(outcome.told)
        self._tell(self._record.take_told())
        self._tell(f"failed: {each}" for each in outcome.failed if each not in self._failing)
        self._failing = frozenset(outcome.failed)
        if outcome.failed:
            # What the state believes to be written may not be: write all of it again.
            self.state = self.state.forgetful()
        return seen

    def _read_words(self, now_ns: int) -> Iterable[str]:
        """Read whom the operator allowed; where that fails, whoever was allowed still is."""
        self._allowed = frozenset(self._words.allowed(now_ns))
        return ()

    def _keep_away(self, now_ns: int) -> Iterable[str]:
        return self._affinity.follow(now_ns, self._footing.plane.packets_by_cpu())

    def _stand_on(self, footing: Footing) -> None:
        """Let everything that acts do so on this rung."""
        run = self._directory.run
        self._footing = footing
        self._bans = BanBook(footing.bans, lambda: self.state.settings.bans, BanNotes(self._words))
        self._observer.tables = footing.plane
        self._writer = DataPlaneWriter(footing.plane, run)
        self._hands = Hands(self._writer, self._undo, self._bans)
        self.interfaces = footing.interfaces(self._mode)

    def _attach(self, names: tuple[str, ...], now_ns: int) -> None:
        """Attach to the interfaces; where they take no XDP, go down the ladder if we may."""
        if self._footing.rung is Rung.XDP and sysctl.read(SYNCOOKIES) == "0":
            raise NotSupported(
                f"{SYNCOOKIES} is 0 and cannot be set: the stack would accept no cookie",
                feature="SYN cookies",
                hint=f"run `sysctl -w {SYNCOOKIES}=1` outside of this container",
            )
        try:
            self.interfaces.attach(names)
        except ConfigError:
            raise
        except FloodwallError as error:
            if not self._may_descend or self._footing.rung is not Rung.XDP:
                raise
            self._descend(error, now_ns)
            self.interfaces.attach(names)
        if self._footing.refused:
            self._tell([f"stands on {self._footing.description}", *self._footing.refused])

    def _descend(self, error: FloodwallError, now_ns: int) -> None:
        """Go from XDP to the best rung below, with all bans."""
        before, bans = self._footing, self._bans.wanted(now_ns)
        self._stand_on(before.below(self._directory, error, now_ns))
        before.plane.detach_all()
        before.plane.close()
        self._directory.unpin()
        self._bans.guard(self.state.never_ban or {})
        for network, until_ns in bans.items():
            with suppress(FloodwallError):
                self._bans.ban(network, until_ns, now_ns)
        self.state = self.state.forgetful()

    def _notes(self) -> tuple[str, ...]:
        if self._footing.rung is Rung.XDP:
            return (self._directory.reason,)
        return (LAST_WORDS[self._footing.rung],)

    def _resume(self, now_ns: int) -> None:
        """Go on from the record, when it is read: whoever must not be banned is known by now."""
        if self._record.settled:
            return
        holding = self._bans.wanted(now_ns)
        proceed = self._record.proceed
        self.state, told = proceed(self.state, holding, self._hands.perform, now_ns)
        self._tell(told)
        self._record.agree(self._bans.wanted(now_ns), self._words, now_ns)

    def _tidy(self, now_ns: int) -> None:
        """Do what need not be done every second."""
        self._tell(self._sweeping.run(now_ns, lambda: self._sweep(now_ns)))
        self._tell(self._healing.run(now_ns, self._heal))
        self._tell(self._comparing.run(now_ns, lambda: self._compare(now_ns)))

    def _sweep(self, now_ns: int) -> Iterable[str]:
        if count := self._bans.sweep(now_ns):
            self._tell([f"{count} bans have expired"])
        return ()

    def _heal(self) -> Iterable[str]:
        if drift := self._writer.heal():
            yield f"put right {drift} entries of the data plane"

    def _compare(self, now_ns: int) -> Iterable[str]:
        # Of each ban it knows itself how often it was healed in vain.
        self._tell(self._bans.heal(now_ns).told)
        self._record.agree(self._bans.wanted(now_ns), self._words, now_ns)
        return ()

    def _keep_plan(self) -> None:
        if self._failing:
            return
        plan = make_plan(self.state, self.interfaces.plans(), self._notes())
        plan = replace(plan, rung=self._footing.rung.value)
        if plan != self.plan:
            self.plan = plan
            try:
                write_plan(self._directory.run, plan.as_json())
            except OSError as error:
                self._tell([f"'floodwall status' will show an old plan: {error}"])

    def _tell(self, sentences: Iterable[str]) -> None:
        told = list(sentences)
        for sentence in told:
            self._told.append(sentence)
            self._journal.write(sentence)
        self._record.tell(time.monotonic_ns(), told)


def wanted_interfaces(settings: Settings) -> tuple[str, ...]:
    """Return the interfaces to protect: the settings', or else that of the default route."""
    return settings.attach.interfaces or (rtnetlink.default_interface().name,)


def begin(directory: StateDirectory, footing: Footing, settings: Settings, now_ns: int) -> Defence:
    """Start a defence; one that cannot start leaves what it found."""
    found = bool(directory.pinned("link_"))
    defence = Defence(directory, footing, settings, now_ns)
    try:
        defence.start(now_ns)
    except BaseException:
        if found:
            defence.abandon()
        else:
            defence.end()
        raise
    return defence
