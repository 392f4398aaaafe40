"""What a key asks the daemon for: questions, the request that they make, and how it is confirmed.

Law: nothing is asked for that was not confirmed, and nothing here decides: the daemon may refuse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from floodwall.core.address import parse_network
from floodwall.core.duration import format_duration, parse_duration
from floodwall.core.errors import ConfigError

FIRST_SPAN = "10m"
FOREVER = "forever"


class Order(StrEnum):
    """The requests that have a key."""

    BAN = "ban"
    ALLOW = "allow"
    ARM = "arm"
    CALM = "calm"
    OFF = "off"


@dataclass(frozen=True, slots=True)
class Question:
    """One line that is asked, and what stands there first."""

    text: str
    first: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked of the daemon."""

    verb: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    sure: str = ""
    """What the operator is asked before."""
    word: str = "y"
    """What must be answered."""


def questions(order: Order, service: str) -> Sequence[Question]:
    """Return what must be known; `service` is the selected one."""
    if order in {Order.BAN, Order.ALLOW}:
        doing = "Ban" if order is Order.BAN else "Never ban"
        return (
            Question(f"{doing} which address or network?"),
            Question(f"For how long? 30s, 10m, 4h, 2d, {FOREVER}", FIRST_SPAN),
            Question("Why? It is kept and shown"),
        )
    if order is Order.ARM:
        return (
            Question("Arm which service? A port, an endpoint or a name", service),
            Question("For how long? Up to 1d", FIRST_SPAN),
        )
    if order is Order.CALM:
        return (Question("Calm which service? A port, an endpoint or a name", service),)
    return ()


def request(order: Order, answers: Sequence[str]) -> Request:
    """Make the request of the answers, or raise ConfigError."""
    if order in {Order.BAN, Order.ALLOW}:
        return _networks(order, *answers)
    if order is Order.ARM:
        service, span = (_said(answer) for answer in answers)
        for_s = parse_duration(span)
        told = f"Arm {service} for {format_duration(for_s)}: every SYN is challenged."
        return Request("arm", {"service": service, "for_s": for_s}, told)
    if order is Order.CALM:
        (service,) = (_said(answer) for answer in answers)
        return Request(
            "calm", {"service": service}, f"Calm {service} until it must be armed again."
        )
    told = "End the defence: programs, bans and changed sysctls go, the daemon stops."
    return Request("off", {}, told, word="off")


def outcome(asked: Request, answer: Mapping[str, Any]) -> tuple[str, bool]:
    """Say what became of a request, and whether it was refused."""
    refused = answer.get("refused") or {}
    if refused:
        return "; ".join(f"{network}: {why}" for network, why in refused.items()), True
    names = ", ".join(map(str, answer.get("names", asked.arguments.get("networks", ()))))
    done = {
        "ban": f"banned {names}",
        "allow": f"{names} must not be banned",
        "arm": f"armed {names}",
        "calm": f"calmed {names}",
        "off": "the daemon ends and leaves the machine as it was",
    }
    return done[asked.verb], False


def _networks(order: Order, name: str, span: str, reason: str) -> Request:
    network = parse_network(_said(name))
    endless = span.strip().lower() == FOREVER
    for_s = None if endless else parse_duration(span)
    until = "until taken back" if for_s is None else f"for {format_duration(for_s)}"
    count = network.num_addresses
    size = "" if count == 1 else f" ({count:,} addresses)"
    doing = f"Ban {network}{size}" if order is Order.BAN else f"Never ban {network}{size}"
    effect = ": every packet from it is dropped." if order is Order.BAN else "."
    arguments = {"networks": [str(network)], "for_s": for_s, "reason": reason.strip()}
    return Request(order.value, arguments, f"{doing} {until}{effect}")


def _said(answer: str) -> str:
    if not answer.strip():
        raise ConfigError("nothing was named: nothing is done")
    return answer.strip()
