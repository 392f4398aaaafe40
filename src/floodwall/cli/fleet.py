"""Options of verbs that also visit other machines, and the visit itself."""

import os
import pwd
import shutil
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from floodwall.cli.options import DURATION
from floodwall.core.errors import ConfigError, NotSupported
from floodwall.fleet.host import Host
from floodwall.fleet.inventory import choose, named, read_inventory
from floodwall.fleet.rounds import Visit, visit_all
from floodwall.fleet.session import Wire

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")

_FILE: Final = click.Path(dir_okay=False, path_type=Path)
_MOST_PARALLEL: Final = 256
_FINDING, _BLIND = 1, 3


@dataclass(frozen=True, slots=True)
class Fleet:
    """Whom to visit, and how."""

    hosts: tuple[Host, ...]
    wire: Wire
    parallel: int

    @property
    def is_one(self) -> bool:
        """Tell whether it is about one machine, which is then told as it would tell itself."""
        return len(self.hosts) == 1

    def visit(self, what: str, job: Callable[[Host], T]) -> list[Visit[T]]:
        """Do a job at every machine; progress goes to the standard error if it is a terminal."""
        from floodwall.cli.fleet_progress import watching  # noqa: PLC0415  slow, and seldom

        with watching(what, len(self.hosts)) as seen:
            return visit_all(
                self.hosts, job, self.parallel, self.wire.stop, lambda visit: seen(visit.host.name)
            )

    def only(self, hosts: Sequence[Host]) -> "Fleet":
        """Return the same for some of the machines."""
        return replace(self, hosts=tuple(hosts))


def fleet_options(function: F) -> F:
    """Take hosts or an inventory, and hand them over as one argument `fleet`, or None."""

    @click.argument("hosts", nargs=-1, metavar="[HOST]...")
    @click.option("--inventory", type=_FILE,
                  help="Hosts: a list, an inventory of Ansible (INI, YAML), or ~/.ssh/config. "
                  "HOST then chooses among its hosts and groups.")  # fmt: skip
    @click.option("--parallel", type=click.IntRange(1, _MOST_PARALLEL), default=16,
                  show_default=True, help="Hosts that are visited at the same time.")  # fmt: skip
    @click.option("--timeout", "timeout_s", type=DURATION, default="30s", show_default=True,
                  help="Longest time for a host.")  # fmt: skip
    @click.option("--ssh-config", type=_FILE, help="Instead of ~/.ssh/config.")
    @click.option("--sudo", is_flag=True, help="Use sudo there, without a password.")
    @wraps(function)
    def with_fleet(
        *args: Any,
        hosts: tuple[str, ...],
        inventory: Path | None,
        parallel: int,
        timeout_s: float,
        ssh_config: Path | None,
        sudo: bool,
        **others: Any,
    ) -> Any:
        fleet = None
        if hosts or inventory is not None:
            wire = Wire(_program(), ssh_config, sudo, timeout_s, threading.Event())
            fleet = Fleet(_hosts(hosts, inventory, ssh_config), wire, parallel)
        elif ssh_config is not None or sudo:
            raise click.UsageError("--ssh-config and --sudo are about other machines: name a HOST")
        return function(*args, fleet=fleet, **others)

    return with_fleet  # type: ignore[return-value] # click looks at its options only


def exit_code(visits: Sequence[Visit[Any]], *, found: bool, ignore: bool = False) -> int:
    """Return 3 if no machine could be looked at, 1 for a finding or one that could not be."""
    missed = sum(visit.trouble is not None for visit in visits)
    if missed == len(visits):
        return _BLIND
    return 0 if ignore else _FINDING if found or missed else 0


def alone(fleet: Fleet | None, options: dict[str, object]) -> None:
    """Refuse options that are about this machine where others are named."""
    given = [name for name, value in options.items() if value]
    if fleet is not None and given:
        raise click.UsageError(f"{given[0]} is about this machine, and no HOST goes with it")


def _program() -> str:
    found = shutil.which("ssh")
    if found is None:
        raise NotSupported("OpenSSH's ssh is not installed", hint="apt install openssh-client")
    return found


def _hosts(
    words: tuple[str, ...], inventory: Path | None, ssh_config: Path | None
) -> tuple[Host, ...]:
    # As ssh itself: the directory of the user, whatever $HOME says.
    home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    if inventory is None:
        return named(words, ssh_config or home / ".ssh" / "config", home)
    read = read_inventory(inventory, home)
    for note in read.notes:
        click.echo(f"floodwall: {inventory.name}: {note}", err=True)
    chosen = choose(read, words)
    if not chosen:
        raise ConfigError(f"{inventory} names no host")
    return chosen
