"""Options and arguments that several verbs share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from floodwall.core.address import Network, parse_network
from floodwall.core.duration import parse_duration
from floodwall.core.errors import FloodwallError

F = TypeVar("F", bound=Callable[..., Any])


class NetworkType(click.ParamType[Network]):
    """An address or a network."""

    name = "ADDR|NET"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> Network:
        """Read what the operator wrote."""
        try:
            return parse_network(str(value))
        except FloodwallError as error:
            self.fail(f"{error.message} ({error.hint})", param, ctx)


class DurationType(click.ParamType[float]):
    """A span of time, in seconds."""

    name = "SPAN"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        """Read what the operator wrote."""
        try:
            return parse_duration(str(value))
        except FloodwallError as error:
            self.fail(f"{error.message} ({error.hint})", param, ctx)


NETWORK = NetworkType()
DURATION = DurationType()


def networks(function: F) -> F:
    """Take one or more networks."""
    return click.argument("networks", metavar="ADDR|NET...", nargs=-1, required=True, type=NETWORK)(
        function
    )


def as_json(function: F) -> F:
    """Offer output for programs."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")(
        function
    )


def reason(function: F) -> F:
    """Ask for a reason, which is kept and shown."""
    return click.option(
        "--reason", default="", metavar="TEXT", help="Why; kept and shown by the list."
    )(function)


def record(function: F) -> F:
    """Let another record be read than that of this network namespace."""
    return click.option(
        "--record",
        type=click.Path(path_type=Path),
        help="File of a record, like a copy from another machine.",
    )(function)


def examples(*lines: str) -> str:
    """Return an epilog of examples, which click leaves as they are."""
    return "\b\nExamples:\n" + "\n".join(f"  floodwall {line}" for line in lines)
