"""What `floodwall analyze` does instead of one account, and the exit codes of all of it."""

import click
from rich.console import Console

from floodwall.cli.analyze_outputs import Wanted
from floodwall.core.errors import ConfigError
from floodwall.forensics.account import Account
from floodwall.forensics.compare import compare, side_of
from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.outputs import comparison
from floodwall.forensics.words import printable

_FOUND = 1
_UNUSABLE = 2


def exit_code(*accounts: Account) -> int:
    """Return 1 if an attack was found, 2 if nothing could be read, else 0."""
    if any(account.is_attack for account in accounts):
        return _FOUND
    inputs = [item for account in accounts for item in account.inputs]
    return _UNUSABLE if all(item.errors and not item.records for item in inputs) else 0


def alone(option: str, files: tuple[str, ...], wanted: Wanted, *, replay: bool) -> None:
    """Refuse what an option cannot be joined with."""
    if files:
        raise ConfigError(f"{option} takes its own files, and {len(files)} more are named")
    if replay or wanted != Wanted():
        raise ConfigError(f"{option} gives no account: it cannot be joined with other outputs")


def comparing(first: str, second: str, options: Options, *, as_json: bool) -> int:
    """Tell how two attacks resemble each other; return the exit code."""
    sides = [side_of(read_input(path, options)) for path in (first, second)]
    for side in sides:
        if exit_code(side.account) == _UNUSABLE:
            text = f"{side.path} cannot be read: {side.account.inputs[0].errors[0]}"
            raise ConfigError(printable(text, 1_000))
    found = compare(*sides)
    if as_json:
        click.echo(comparison.as_json(found))
    else:
        comparison.show(found, Console(highlight=False))
    return exit_code(*(side.account for side in sides))
