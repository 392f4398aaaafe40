"""What can be asked about arming: challenge a service for a while, or take that back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from floodwall.app.desk import Verb
from floodwall.app.peer import Peer, Role
from floodwall.core import orders
from floodwall.core.decision import Act, Decision
from floodwall.core.duration import format_duration
from floodwall.core.errors import ConfigError
from floodwall.core.model import SECOND_NS, Mechanism, Service
from floodwall.core.state import State
from floodwall.core.upkeep import Step

LONGEST_S = 86400.0
"""Longer than a day belongs into services.armed_ports."""


@dataclass(frozen=True, slots=True)
class ForAWhile:
    """A port, an endpoint or a name, and for how many seconds."""

    service: str
    for_s: float = 600.0


@dataclass(frozen=True, slots=True)
class Which:
    """A port, an endpoint or a name."""

    service: str


class Armed(Protocol):
    """What has services."""

    state: State

    def require_challenges(self) -> None:
        """Raise NotSupported where nothing can challenge a SYN."""

    def order(self, step: Step, decision: Decision) -> None:
        """Take over a step that somebody asked for, once its decision is on record."""


class ArmingDesk:
    """Answers what is asked about arming."""

    def __init__(self, defence: Armed, clock: Callable[[], int]) -> None:
        self._defence = defence
        self._clock = clock

    def verbs(self) -> dict[str, Verb]:
        """Return the verbs of this desk."""
        return {
            "arm": Verb(Role.OPERATE, ForAWhile, self._arm),
            "calm": Verb(Role.OPERATE, Which, self._calm),
        }

    def _arm(self, peer: Peer, asked: ForAWhile) -> Mapping[str, Any]:
        self._defence.require_challenges()
        if not 0 < asked.for_s <= LONGEST_S:
            raise ConfigError("a service is armed by hand for up to a day")
        now_ns = self._clock()
        until_ns = now_ns + int(asked.for_s * SECOND_NS)
        services = orders.named(self._defence.state, asked.service)
        step = orders.arm(self._defence.state, services, until_ns)
        text = f"armed {{}} for {format_duration(asked.for_s)}, says {peer.who}"
        decision = _decision(Act.ARM, services, text, peer, now_ns, until_ns)
        self._defence.order(step, decision)
        by_kernel = [each for each in services if each.mechanism is Mechanism.STACK]
        return {
            "names": [service.name for service in services],
            "when_full": [service.name for service in by_kernel],
        }

    def _calm(self, peer: Peer, asked: Which) -> Mapping[str, Any]:
        self._defence.require_challenges()
        services = orders.named(self._defence.state, asked.service)
        step = orders.calm(self._defence.state, services)
        text = f"calmed {{}} until it must be armed again, says {peer.who}"
        decision = _decision(Act.CALM, services, text, peer, self._clock())
        self._defence.order(step, decision)
        return {"names": [service.name for service in services]}


def _decision(
    act: Act,
    services: tuple[Service, ...],
    text: str,
    peer: Peer,
    now_ns: int,
    until_ns: int = 0,
) -> Decision:
    names = ", ".join(service.name for service in services)
    return Decision(
        at_ns=now_ns,
        act=act,
        rule="operator",
        subject=names,
        text=text.replace("{}", names),
        service=services[0].index if len(services) == 1 else None,
        until_ns=until_ns,
        undone_by="its time, or floodwall calm" if act is Act.ARM else "",
        who=peer.who,
    )
