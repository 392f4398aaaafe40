"""`floodwall run`: the daemon, in the foreground."""

from pathlib import Path

import click

from floodwall.app.configure import Sources
from floodwall.app.daemon import run
from floodwall.app.report import make_reporter
from floodwall.cli.console_child import console_beside
from floodwall.cli.options import as_json, examples
from floodwall.core.settings import AttachMode


@click.command(
    name="run",
    epilog=examples(
        "run",
        "run --interface eth0 --interface eth1",
        "run --config /etc/floodwall.toml",
        "run --interface eth0 --mode generic --json",
        "run --interface wg0 --wait",
        "run --console",
    ),
)
@click.option(
    "--interface",
    "interfaces",
    multiple=True,
    metavar="NAME",
    help="Interface to protect; may be given again.  Default: that of the default route.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="Settings file (TOML); 'floodwall settings --toml' prints one.",
)
@click.option(
    "--mode",
    type=click.Choice([AttachMode.NATIVE.value, AttachMode.GENERIC.value]),
    help="Insist on XDP, in the driver or behind it.  Default: the best that can be had.",
)
@click.option(
    "--wait",
    is_flag=True,
    help="Wait for interfaces that are not there yet, or for a default route, as at boot.",
)
@click.option("--console", is_flag=True, help="Also serve 'floodwall console', in its own process.")
@as_json
def command(
    interfaces: tuple[str, ...],
    config: Path | None,
    mode: str | None,
    *,
    wait: bool,
    console: bool,
    as_json: bool,
) -> None:
    """Protect every TCP listener that can be reached through the interfaces.

    Says what it protects, by which mechanism and why, then one line a second.  Ctrl-C leaves the
    machine exactly as it was.  SIGHUP reads the settings again: all of them or none.  A terminal
    that hangs up ends nothing: 'floodwall off' does.  A second daemon in the same network namespace
    is refused.

    Where XDP cannot be used it goes down a ladder: bans in nftables, bans by routes, eyes alone.
    The plan and 'floodwall status' say where it stands, and why not higher.

    After a kill -9 protection goes on until the lease runs out; the next run takes over without
    losing a packet, and 'floodwall off' removes everything.
    """
    sources = Sources(config, interfaces, AttachMode(mode) if mode else None)
    reporter = make_reporter(as_json=as_json)
    try:
        with console_beside(wanted=console, as_json=as_json):
            run(sources, reporter, wait=wait)
    finally:
        reporter.close()
