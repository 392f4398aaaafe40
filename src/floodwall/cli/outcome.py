"""What a verb did to each of several networks, for a reader and for a program."""

import json
from dataclasses import asdict, dataclass, field
from typing import NoReturn

import click

from floodwall.core.address import Network

_REFUSED = 2


@dataclass(frozen=True, slots=True)
class _Outcome:
    network: str
    done: bool
    what: str


@dataclass(slots=True)
class Outcomes:
    """Collects one outcome a network."""

    _all: list[_Outcome] = field(default_factory=list)

    def add(self, network: Network, what: str) -> None:
        """Tell what was done."""
        self._all.append(_Outcome(str(network), done=True, what=what))

    def refuse(self, network: Network, why: str) -> None:
        """Tell why nothing was done."""
        self._all.append(_Outcome(str(network), done=False, what=why))

    def print_and_exit(self, *, as_json: bool) -> NoReturn:
        """Print all outcomes and leave with 2 if any was refused."""
        if as_json:
            click.echo(json.dumps([asdict(outcome) for outcome in self._all], indent=1))
        else:
            for outcome in self._all:
                click.echo(f"{outcome.network}: {outcome.what}", err=not outcome.done)
        raise SystemExit(0 if all(outcome.done for outcome in self._all) else _REFUSED)
