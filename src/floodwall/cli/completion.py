"""`floodwall completion`: completion of verbs and options for a shell."""

import click
from click.shell_completion import get_completion_class

from floodwall.cli.main import main
from floodwall.cli.options import examples


@click.command(
    name="completion",
    epilog=examples("completion bash > /etc/bash_completion.d/floodwall"),
)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> None:
    """Print what a shell needs to complete verbs and options."""
    kind = get_completion_class(shell)
    if kind is None:
        raise click.UsageError(f"click knows no completion for {shell}")
    click.echo(kind(main, {}, "floodwall", "_FLOODWALL_COMPLETE").source())
