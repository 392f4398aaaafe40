"""`floodwall settings`: the reference of all settings, and a check of a file."""

from pathlib import Path

import click

from floodwall.app.configure import Sources
from floodwall.cli.options import examples
from floodwall.core import settings_reference as reference


@click.command(
    name="settings",
    epilog=examples(
        "settings",
        "settings --toml > floodwall.toml",
        "settings --check floodwall.toml",
    ),
)
@click.option("--json", "form", flag_value="json", help="Print JSON, for programs.")
@click.option("--toml", "form", flag_value="toml", help="Print a settings file of all defaults.")
@click.option(
    "--check", type=click.Path(path_type=Path), help="Only tell whether this file is right."
)
def command(form: str | None, check: Path | None) -> None:
    """Print every setting with its default, range and meaning."""
    if check is not None:
        Sources(check).read()
        click.echo(f"{check}: right")
        return
    writers = {"json": reference.as_json, "toml": reference.as_toml}
    click.echo(writers.get(form or "", reference.as_text)(), nl=False)
