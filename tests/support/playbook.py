"""A script of observations and the commands that must follow: `book >> seen << commands`."""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_address
from typing import Any, Self

from floodwall.core.address import Address
from floodwall.core.commands import Command, RenewLease
from floodwall.core.decide import decide
from floodwall.core.model import SECOND_NS, Endpoint, HalfOpen, StackLimits, Target
from floodwall.core.observation import Observation
from floodwall.core.settings import Settings
from floodwall.core.state import State

HOME: Address = ip_address("192.0.2.10")
HOME6: Address = ip_address("2001:db8::10")
START_NS = 1000 * SECOND_NS


def endpoint(address: str, port: int) -> Endpoint:
    """Make an endpoint from text."""
    return Endpoint(ip_address(address), port)


def listener(address: str = "0.0.0.0", port: int = 80, backlog: int = 128, **more: Any) -> Target:
    """Make a listening socket; port 80 on all IPv4 addresses unless said otherwise."""
    return Target(endpoint(address, port), backlog, **more)


def half_open(
    source: str, port: int = 80, retransmits: int = 1, *, proven: bool = False
) -> HalfOpen:
    """Make a half-open entry of HOME."""
    return HalfOpen(Endpoint(HOME, port), endpoint(source, 40000), retransmits, proven)


def quiet(now_s: float = 0, **more: Any) -> Observation:
    """Observe a machine with two addresses and nothing that listens, `now_s` after the start."""
    defaults: dict[str, Any] = {
        "now_ns": START_NS + int(now_s * SECOND_NS),
        "interfaces": frozenset({2}),
        "stack": StackLimits(),
        "targets": (),
        "addresses": frozenset({HOME, HOME6}),
        "translations": (),
        "protected": frozenset(),
        "half_open": (),
        "readings": (),
    }
    return Observation(**(defaults | more))


class Playbook:
    """Feeds observations to `decide` and compares what comes out."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.state = State(settings or Settings())
        self.commands: tuple[Command, ...] = ()

    def __rshift__(self, seen: Observation) -> Self:
        self.state, self.commands = decide(self.state, seen)
        return self

    def __lshift__(self, expected: Iterable[Command]) -> Self:
        """Compare all commands but the lease, which is renewed in every second."""
        given = [command for command in self.commands if not isinstance(command, RenewLease)]

        assert list(expected) == given
        return self

    def only(self, *kinds: type[Any]) -> list[Any]:
        """Return the last commands of these kinds."""
        return [command for command in self.commands if isinstance(command, kinds)]

    def reload(self, settings: Settings) -> None:
        """Swap the settings, as SIGHUP does."""
        self.state = replace(self.state, settings=settings)
