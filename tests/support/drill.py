"""A playbook in which the verdicts are made up: verdicts in, commands out."""

from dataclasses import replace
from ipaddress import ip_address, ip_network
from typing import Any, Self

from floodwall.core.address import Network
from floodwall.core.commands import Ban, Command, Lift, RecordDecision, RestoreSysctl, SetSysctl
from floodwall.core.decide import STEPS
from floodwall.core.decision import Act, Decision
from floodwall.core.judgement import judge
from floodwall.core.ladder import OPERATOR
from floodwall.core.observation import Observation
from floodwall.core.settings import ServiceMode, Services, Settings
from floodwall.core.signs import Connections, Peer, Signs
from floodwall.core.state import State
from floodwall.core.verdict import Evidence, Kind, Verdict
from tests.support.playbook import START_NS, Playbook, listener, quiet

WEB = (listener(),)
STRICT = Services(mode=ServiceMode.STRICT)

Verdicts = dict[int | None, Verdict]


def verdict(kind: Kind, service: int | None = 0, confidence: float = 0.9) -> Verdict:
    """Call what goes on at a service by a name."""
    evidence = (Evidence("made_up", 1.0, 0.5, "made up for a test"),)
    return Verdict(service, kind, confidence, since_ns=0, evidence=evidence)


def peer(address: str, **counts: int) -> Peer:
    """Hold connections: `concurrent`, `mute`, `opened`; what is mute is open, too."""
    concurrent = counts.get("concurrent", counts.get("mute", 0))
    mute = counts.get("mute", 0)
    return Peer(ip_address(address), concurrent, mute, counts.get("opened", 0), mute)


def connected(*peers: Peer, index: int = 0) -> Signs:
    """See connections of one service."""
    established = sum(each.concurrent for each in peers)
    silent = sum(each.silent for each in peers)
    opened = sum(each.opened for each in peers)
    return Signs(connections=(Connections(index, established, silent, opened, len(peers), peers),))


def second(now_s: float, *peers: Peer, **more: Any) -> Observation:
    """Observe one web server with the connections of `peers`."""
    return quiet(now_s, **({"targets": WEB, "signs": connected(*peers)} | more))


def net(text: str) -> Network:
    """Make a network from text."""
    return ip_network(text)


def strict(**sections: Any) -> Settings:
    """Make settings in which every service is strict."""
    return Settings(**({"services": STRICT} | sections))


def respond(
    state: State, seen: Observation, verdicts: Verdicts | None
) -> tuple[State, tuple[Command, ...]]:
    """Decide as `decide` does, but with these verdicts; None is the classifier's own."""
    commands: list[Command] = []
    for step in STEPS:
        if step is judge and verdicts is not None:
            state = replace(state, verdicts=verdicts)
            continue
        state, wanted = step(state, seen)
        commands += wanted
    return state, tuple(commands)


class Drill(Playbook):
    """A playbook that is told what each second is called."""

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        self.verdicts: Verdicts = {}
        self.state, _ = respond(self.state, quiet(-1, targets=WEB), {})
        self.reload(settings or Settings())

    def __rshift__(self, seen: Observation) -> Self:
        self.state, self.commands = respond(self.state, seen, self.verdicts)
        return self

    def ban(self, network: str, until_ns: int = 0) -> Self:
        """Let an operator have banned a network."""
        word = Decision(START_NS, Act.BAN, OPERATOR, network, "banned")
        bans = {**self.state.response.bans, net(network): Ban(net(network), until_ns, word)}
        self.state = replace(self.state, response=replace(self.state.response, bans=bans))
        return self

    def called(self, *kinds: Kind) -> Self:
        """Call every second from now on so; the first kind is that of service 0."""
        self.verdicts = {index: verdict(kind, index) for index, kind in enumerate(kinds)}
        return self

    def seconds(self, first: int, last: int, *peers: Peer, **more: Any) -> Self:
        """Observe the same in each second of a span, the last one included."""
        given: list[Command] = []
        for now_s in range(first, last + 1):
            self >> second(now_s, *peers, **more)
            given += self.commands
        self.commands = tuple(given)
        return self

    @property
    def bans(self) -> list[str]:
        """Networks banned by the last commands."""
        return [str(ban.network) for ban in self.only(Ban)]

    @property
    def lifts(self) -> list[str]:
        """Networks whose ban was lifted by the last commands."""
        return [str(lift.network) for lift in self.only(Lift)]

    @property
    def decisions(self) -> list[Decision]:
        """Decisions of the last commands, in their order."""
        kinds = (Ban, Lift, RecordDecision, SetSysctl, RestoreSysctl)
        return [command.decision for command in self.only(*kinds)]

    def told(self, act: Act) -> list[str]:
        """Sentences of the decisions of one kind."""
        return [decision.text for decision in self.decisions if decision.act is act]
