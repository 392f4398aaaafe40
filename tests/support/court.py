"""A court that follows every command and holds it against the laws of the response."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from ipaddress import ip_address
from itertools import chain
from typing import Any

from hypothesis import strategies as st

from floodwall.core.address import Address, Network
from floodwall.core.commands import (
    Ban,
    CloseConnections,
    Command,
    DestroyHalfOpen,
    Lift,
    RecordDecision,
    RestoreSysctl,
    SetSysctl,
)
from floodwall.core.decision import Act
from floodwall.core.ladder import RULES, allows
from floodwall.core.model import (
    SECOND_NS,
    Endpoint,
    Guard,
    HalfOpen,
    Protected,
    Reading,
    StackLimits,
)
from floodwall.core.networks import NetworkSet, as_network
from floodwall.core.observation import Observation
from floodwall.core.settings import Bans, Protect, ServiceMode, Services, Settings
from floodwall.core.settings_response import RateAct, Recipes, SourceLimits, Tuning
from floodwall.core.signs import Connections, Peer, Signs
from floodwall.core.state import State
from floodwall.core.verdict import Kind
from tests.support.drill import Verdicts, net, respond, verdict
from tests.support.playbook import HOME, HOME6, START_NS, listener, quiet

SOURCES = [ip_address(f"203.0.113.{n}") for n in range(1, 6)] + [ip_address("2001:db8:bad::1")]
PORTS = (80, 81, 82)
LOW = SourceLimits(concurrent=8, idle=8, new_rate=5, for_s=1)
STRICT = Services(mode=ServiceMode.STRICT, observe_ports=(82,))
BLIND = {"half_open": 8, "address_rate": 8, "rate_act": RateAct.BAN}
KNOWING = Recipes(half_open=8, subnet=10, i_know_sources_can_be_forged=True)

SETTINGS = [
    Settings(),
    Settings(services=STRICT, limits=LOW),
    Settings(services=STRICT, limits=LOW, recipes=Recipes.model_validate(BLIND)),
    Settings(services=STRICT, limits=LOW, recipes=KNOWING),
    Settings(services=STRICT, limits=LOW, bans=Bans(max_count=2, per_minute=1, first_s=60)),
    Settings(services=STRICT, limits=LOW, protect=Protect(never_ban=(net("203.0.113.1/32"),))),
    Settings(services=Services(mode=ServiceMode.OBSERVE), limits=LOW, recipes=KNOWING),
    Settings(services=STRICT, limits=LOW, tuning=Tuning(enabled=False)),
    Settings(services=STRICT, limits=LOW, protect=Protect(ssh_linger_s=0)),
]

sources = st.sampled_from(SOURCES)
places = st.sampled_from(PORTS).map(lambda port: Endpoint(HOME, port))
entries = st.builds(
    lambda local, source, retransmits, proven, count: [
        HalfOpen(local, Endpoint(source, 40000 + n), retransmits, proven) for n in range(count)
    ],
    places,
    sources | st.just(HOME),
    st.integers(0, 3),
    st.booleans(),
    st.sampled_from([1, 8, 9, 20, 70]),
)
counts = st.sampled_from([0, 1, 8, 9, 100, 10**6])
peers = st.builds(
    lambda source, mute, more, opened: Peer(source, mute + more, mute, opened, mute),
    sources | st.just(HOME),
    counts,
    counts,
    counts,
)
connections = st.lists(
    st.builds(
        lambda index, held: Connections(index, 0, 0, 0, len(held), tuple(held)),
        st.integers(0, 3),
        st.lists(peers, max_size=4, unique_by=lambda peer: peer.address),
    ),
    max_size=3,
    unique_by=lambda each: each.index,
).map(tuple)
protected = st.frozensets(
    st.builds(lambda a, g: Protected(as_network(a), g), sources, st.sampled_from(Guard)),
    max_size=2,
)
stacks = st.builds(
    StackLimits,
    somaxconn=st.sampled_from([128, 4096]),
    tcp_syncookies=st.sampled_from([0, 1]),
    tcp_synack_retries=st.sampled_from([1, 2, 5]),
)
calls = st.dictionaries(st.integers(0, 2) | st.none(), st.sampled_from(Kind), max_size=3)


def sometimes(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A sensor that may fail."""
    return st.none() | strategy | strategy


@dataclass(frozen=True)
class Moment:
    """What happens after a while: what is seen, called, reloaded, lifted by hand or forgotten."""

    after_s: float
    times: int
    """So many seconds of it, one after the other."""
    seen: dict[str, Any]
    armed: frozenset[int]
    called: dict[int | None, Kind] | None
    settings: Settings | None
    lifted: bool
    failed: bool


moments = st.builds(
    Moment,
    after_s=st.sampled_from([1, 1, 1, 1, 2, 10, 59, 61, 700]),
    times=st.sampled_from([1, 1, 2, 3]),
    seen=st.fixed_dictionaries(
        {
            "half_open": sometimes(
                st.lists(entries, max_size=4).map(lambda found: tuple(chain.from_iterable(found)))
            ),
            "protected": sometimes(protected),
            "stack": sometimes(stacks),
            "signs": st.builds(Signs, connections=sometimes(connections)),
        }
    ),
    armed=st.frozensets(st.integers(0, 2)),
    called=st.none() | calls,
    settings=st.none() | st.none() | st.none() | st.sampled_from(SETTINGS),
    lifted=st.integers(0, 9).map(lambda n: n == 0),
    failed=st.integers(0, 9).map(lambda n: n == 0),
)


@dataclass
class Court:
    """Follows every command and holds it against the laws."""

    state: State
    now_ns: int = START_NS
    banned: dict[Network, int] = field(default_factory=dict)
    """Every ban in force by what was commanded, with its end."""
    last_ban: dict[Network, int] = field(default_factory=dict)
    tuned: dict[str, str] = field(default_factory=dict)
    ever_tuned: set[str] = field(default_factory=set)
    last_tune: dict[str, int] = field(default_factory=dict)
    open: dict[int | None, int] = field(default_factory=dict)
    last_open: dict[int | None, int] = field(default_factory=dict)
    arms: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))

    def live(self, moment: Moment) -> None:
        """Let a moment happen, and judge what is done about it."""
        after_s: float = moment.after_s
        for _ in range(moment.times):
            self.second(moment, after_s)
            after_s = 1

    def second(self, moment: Moment, after_s: float) -> None:
        """Let one second of it happen."""
        self.now_ns += int(after_s * SECOND_NS)
        self.banned = {net: until for net, until in self.banned.items() if until > self.now_ns}
        if moment.settings:
            self.state = replace(self.state, settings=moment.settings)
            self.last_tune.clear()
            self.arms.clear()
        seen = self.observed(moment)
        verdicts: Verdicts | None = None
        if moment.called is not None:
            verdicts = {index: verdict(kind, index) for index, kind in moment.called.items()}
        self.state, commands = respond(self.state, seen, verdicts)
        for command in commands:
            self.judge(command, seen)
        if moment.failed:
            self.state = self.state.forgetful()
            self.last_tune.clear()

    def observed(self, moment: Moment) -> Observation:
        """Make the observation; the daemon tells which bans it has, and which a human lifted."""
        until_ns = self.now_ns + 3 * SECOND_NS
        readings = tuple(
            Reading(n, armed_until_ns=until_ns if n in moment.armed else 0) for n in range(3)
        )
        if moment.lifted and self.banned:
            del self.banned[next(iter(self.banned))]
        return replace(
            quiet(targets=tuple(listener(port=port) for port in PORTS)),
            now_ns=self.now_ns,
            readings=readings,
            bans=dict(self.banned),
            **moment.seen,
        )

    def judge(self, command: Command, seen: Observation) -> None:
        """Hold a command against the laws."""
        laws: dict[type[Command], Callable[[Any, Observation], None]] = {
            Ban: self.judge_ban,
            Lift: self.judge_lift,
            SetSysctl: self.judge_tuning,
            RestoreSysctl: self.judge_restoring,
            RecordDecision: self.judge_record,
            DestroyHalfOpen: self.judge_destroying,
            CloseConnections: self.judge_closing,
        }
        if law := laws.get(type(command)):
            law(command, seen)
        if decision := getattr(command, "decision", None):
            rule = RULES[decision.rule]
            assert decision.act in rule.acts
            assert decision.text
            assert decision.undone_by
            assert decision.at_ns == self.now_ns

    def judge_ban(self, ban: Ban, seen: Observation) -> None:
        """Proven or waived, unprotected, strict, with an end, a minute after the last one."""
        terms, decision = self.state.settings.bans, ban.decision
        modes = {service.index: service.mode for service in self.state.table.services}
        assert seen.protected is not None
        assert self.guarded().touching(ban.network) is None
        assert HOME not in ban.network
        assert HOME6 not in ban.network
        assert decision.service is not None
        assert modes[decision.service] is ServiceMode.STRICT
        assert allows(decision.rule, modes[decision.service])
        assert decision.evidence
        assert decision.until_ns == ban.until_ns
        longest_ns = int(terms.longest_s * SECOND_NS)
        assert 60 * SECOND_NS <= ban.until_ns - self.now_ns <= longest_ns
        assert self.now_ns - self.last_ban.get(ban.network, 0) >= 60 * SECOND_NS
        if not self.state.settings.recipes.i_know_sources_can_be_forged:
            assert ban.network.num_addresses == 1
            assert ban.network.network_address in proven(seen, decision.rule)
        assert ban.network not in self.banned
        self.banned[ban.network] = ban.until_ns
        self.last_ban[ban.network] = self.now_ns
        assert len(self.banned) <= terms.max_count

    def judge_lift(self, lift: Lift, _: Observation) -> None:
        """Only what was banned is lifted."""
        del self.banned[lift.network]

    def judge_tuning(self, change: SetSysctl, _: Observation) -> None:
        """A sysctl is set once a minute at most, except anew after a failure or a reload."""
        if change.name in self.last_tune and change.name not in self.tuned:
            assert self.now_ns - self.last_tune[change.name] >= 60 * SECOND_NS
        assert self.state.settings.tuning.enabled
        self.tuned[change.name] = change.value
        self.ever_tuned.add(change.name)
        self.last_tune[change.name] = self.now_ns

    def judge_restoring(self, change: RestoreSysctl, _: Observation) -> None:
        """Only what was set is put back; after a failure perhaps again."""
        assert change.name in self.ever_tuned
        self.tuned.pop(change.name, None)

    def judge_record(self, record: RecordDecision, _: Observation) -> None:
        """Incidents open and close in turns, services arm at most twice within a minute."""
        decision = record.decision
        if decision.act is Act.OPEN_INCIDENT:
            assert decision.service not in self.open
            last_ns = self.last_open.get(decision.service, 0)
            assert self.now_ns - last_ns >= 60 * SECOND_NS
            self.open[decision.service] = self.last_open[decision.service] = self.now_ns
        if decision.act is Act.CLOSE_INCIDENT:
            del self.open[decision.service]
        if decision.act is Act.ARM and decision.rule == "arming":
            assert decision.service is not None
            arms = self.arms[decision.service]
            arms.append(self.now_ns)
            assert len(arms) < 3 or arms[-1] - arms[-3] >= 60 * SECOND_NS

    def judge_destroying(self, command: DestroyHalfOpen, _: Observation) -> None:
        """Entries of protected sources stay; so do proven ones, unless their source is banned."""
        guarded = self.guarded()
        assert not any(entry.remote.address in guarded for entry in command.entries)
        banned = NetworkSet(self.banned)
        assert all(not e.proven or e.remote.address in banned for e in command.entries)

    def judge_closing(self, command: CloseConnections, _: Observation) -> None:
        """Only connections of banned sources are closed, and of nobody who is protected."""
        banned, guarded = NetworkSet(self.banned), self.guarded()
        for network in command.networks:
            assert network.network_address in banned
            assert guarded.touching(network) is None

    def guarded(self) -> NetworkSet:
        """Return whom nobody may ban at this moment."""
        known = (entry.network for entry in self.state.known.protected)
        return NetworkSet([*known, *self.state.settings.protect.never_ban])


def proven(seen: Observation, rule: str) -> set[Address]:
    """Return the addresses that proved themselves for a rule in this second."""
    if rule.startswith("limits."):
        found = seen.signs.connections or ()
        return {peer.address for each in found for peer in each.peers}
    queue = seen.half_open or ()
    return {entry.remote.address for entry in queue if entry.proven}
