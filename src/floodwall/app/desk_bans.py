"""What can be asked about networks: ban, unban, allow, and the lists of both.

Law: a ban that is asked for here goes the same way as one that the core decides, and is refused
for the same reasons.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from floodwall.act.perform import Result
from floodwall.app.desk import Verb
from floodwall.app.operator import Operator
from floodwall.app.peer import Peer, Role
from floodwall.core.address import Network, parse_network
from floodwall.core.commands import Ban, Command, Lift, RecordDecision
from floodwall.core.decision import Act, Decision
from floodwall.core.duration import format_duration
from floodwall.core.errors import ConfigError
from floodwall.core.model import SECOND_NS
from floodwall.core.protocol import page

NETWORKS_MAX = 16
"""Networks of one request: more would make the loop late."""

REASON_MAX = 1000
"""Characters of a reason."""

LONGEST_S = 10 * 365 * 86400.0
"""A longer ban is one until it is lifted."""


_UNDONE_BY = {
    Act.BAN: "its expiry, or floodwall unban",
    Act.ALLOW: "its expiry, or floodwall allow --remove",
    Act.DISALLOW: "floodwall allow",
}


@dataclass(frozen=True, slots=True)
class Span:
    """Networks, for how many seconds, and why; without `for_s` there is no end."""

    networks: tuple[str, ...]
    for_s: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Networks:
    """Networks, and nothing else about them."""

    networks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class From:
    """The row at which a page of a list begins."""

    begin: int = 0


class BanDesk:
    """Answers what is asked about networks."""

    def __init__(
        self,
        obey: Callable[[Command], Result],
        operator: Callable[[], Operator],
        clock: Callable[[], int],
    ) -> None:
        self._obey = obey
        self._operator = operator
        self._clock = clock
        self._bans: Sequence[Mapping[str, Any]] = ()

    def verbs(self) -> dict[str, Verb]:
        """Return the verbs of this desk."""
        return {
            "bans": Verb(Role.VIEW, From, self._list_bans),
            "allowed": Verb(Role.VIEW, From, self._list_allowed),
            "ban": Verb(Role.OPERATE, Span, self._ban),
            "unban": Verb(Role.OPERATE, Networks, self._unban),
            "allow": Verb(Role.OPERATE, Span, self._allow),
            "disallow": Verb(Role.OPERATE, Networks, self._disallow),
        }

    def _list_bans(self, _: Peer, asked: From) -> Mapping[str, Any]:
        # The pages of one list come from one look, or a ban that ends would shift the others.
        if asked.begin == 0 or not self._bans:
            self._bans = [asdict(row) for row in self._operator().bans()]
        rows, more = page(self._bans, asked.begin)
        if more is None:
            self._bans = ()
        return {"rows": rows, "next": more}

    def _list_allowed(self, _: Peer, asked: From) -> Mapping[str, Any]:
        rows, more = page((asdict(row) for row in self._operator().allowed()), asked.begin)
        return {"rows": rows, "next": more}

    def _ban(self, peer: Peer, asked: Span) -> Mapping[str, Any]:
        operator, span = self._operator(), _span(asked, "until lifted")
        now_ns, until_ns = self._times(asked)

        def ban(network: Network) -> str:
            text = f"banned {network} {span}, says {peer.who}: {asked.reason or 'no reason given'}"
            decision = _decision(Act.BAN, network, text, peer, now_ns, until_ns)
            result = self._obey(Ban(network, until_ns, decision))
            if not result.error:
                operator.note_ban(network, until_ns, asked.reason)
            return result.error

        return _each(asked.networks, ban)

    def _unban(self, peer: Peer, asked: Networks) -> Mapping[str, Any]:
        operator, now_ns = self._operator(), self._clock()

        def unban(network: Network) -> str:
            text = f"lifted the ban of {network}, says {peer.who}"
            result = self._obey(Lift(network, _decision(Act.LIFT, network, text, peer, now_ns)))
            operator.note_lift(network)
            return result.error or ("" if result.told else "was not banned")

        return _each(asked.networks, unban)

    def _allow(self, peer: Peer, asked: Span) -> Mapping[str, Any]:
        operator, span = self._operator(), _span(asked, "until taken back")
        now_ns, until_ns = self._times(asked)

        def allow(network: Network) -> str:
            text = f"{network} must not be banned {span}, says {peer.who}"
            if asked.reason:
                text = f"{text}: {asked.reason}"
            self._record(_decision(Act.ALLOW, network, text, peer, now_ns, until_ns))
            operator.note_allowed(network, until_ns, asked.reason)
            return ""

        return _each(asked.networks, allow)

    def _disallow(self, peer: Peer, asked: Networks) -> Mapping[str, Any]:
        operator, now_ns = self._operator(), self._clock()

        def disallow(network: Network) -> str:
            text = f"{network} can be banned again, says {peer.who}"
            self._record(_decision(Act.DISALLOW, network, text, peer, now_ns))
            return "" if operator.disallow(network) else "was not allowed"

        return _each(asked.networks, disallow)

    def _record(self, decision: Decision) -> None:
        self._obey(RecordDecision(decision))

    def _times(self, asked: Span) -> tuple[int, int]:
        """Return now, and the time until which something shall hold; 0 is without end."""
        if asked.for_s is not None and not 0 < asked.for_s <= LONGEST_S:
            raise ConfigError(f"a span of {asked.for_s} s is not possible")
        if len(asked.reason) > REASON_MAX or not (asked.reason or " ").isprintable():
            raise ConfigError(f"a reason has at most {REASON_MAX} printable characters")
        now_ns = self._clock()
        return now_ns, 0 if asked.for_s is None else now_ns + int(asked.for_s * SECOND_NS)


def _decision(
    act: Act, network: Network, text: str, peer: Peer, now_ns: int, until_ns: int = 0
) -> Decision:
    return Decision(
        at_ns=now_ns,
        act=act,
        rule="operator",
        subject=str(network),
        text=text,
        network=network,
        until_ns=until_ns,
        undone_by=_UNDONE_BY.get(act, ""),
        who=peer.who,
    )


def _span(asked: Span, endless: str) -> str:
    return endless if asked.for_s is None else f"for {format_duration(asked.for_s)}"


def _each(names: Sequence[str], do: Callable[[Network], str]) -> Mapping[str, Any]:
    """Do something with each network; one that is refused stops no other."""
    if not 0 < len(names) <= NETWORKS_MAX:
        raise ConfigError(f"one request names 1 to {NETWORKS_MAX} networks")
    networks = [parse_network(name) for name in names]
    refused = {str(network): do(network) for network in networks}
    return {"refused": {network: why for network, why in refused.items() if why}}
