"""`floodwall top`: the first screen of the console in a terminal."""

import json
import sys

import click
import msgspec

from floodwall.app.client import Client
from floodwall.cli.options import DURATION, as_json, examples
from floodwall.cli.record_lines import say
from floodwall.console.feed import PATIENCE_S, Feed, Link, Snapshot
from floodwall.console.top.lines import View, screen
from floodwall.core.errors import ConfigError, NotSupported

_UNREACHABLE = 3
_FINDING = 1
_FASTEST_S, _SLOWEST_S = 0.5, 60.0
_WIDE, _HIGH = 100, 23


@click.command(
    name="top", epilog=examples("top", "top --every 5s", "top --once", "top --json > now.json")
)
@click.option(
    "--every", "every_s", type=DURATION, default="1s", show_default=True, help="0.5 to 1m."
)
@click.option("--once", is_flag=True, help="Print the screen once as text, without keys.")
@as_json
def command(*, every_s: float, once: bool, as_json: bool) -> None:
    """Show live whether users get in, what is attacking, and what is done about it.

    Keys ask the daemon to ban, allow, arm, calm or end, after a confirmation; whoever may only look
    only looks.  Sends just what changed, so it works on a bad line.  Exit code: 0 left by
    its key, or with --once and --json all is calm; 1 with these, something is going on or the
    defence is not whole; 3 with these, no daemon answers.
    """
    if not _FASTEST_S <= every_s <= _SLOWEST_S:
        raise ConfigError(f"--every takes {_FASTEST_S} s to {_SLOWEST_S:.0f} s, not {every_s} s")
    if once or as_json:
        feed = Feed()
        snapshot = feed.poll()
        feed.close()
        _print(snapshot, as_json=as_json)
        raise SystemExit(_code(snapshot))
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise ConfigError("this is no terminal", hint="--once prints the screen, --json the facts")
    _live(every_s)


def _live(every_s: float) -> None:
    """Run the screen; its package is an extra."""
    try:
        from floodwall.console.top.app import Reach, Top  # noqa: PLC0415  an extra, and slow
    except ModuleNotFoundError as error:
        raise NotSupported(
            f"the screen needs the package {error.name}",
            feature="console",
            hint="bin/floodwall installs it; elsewhere: pip install 'floodwall[console]'",
        ) from error
    # Without the mouse: its every move would be a message on the line.
    Top(Reach(Feed(), lambda: Client(patience_s=PATIENCE_S), every_s)).run(mouse=False)


def _print(snapshot: Snapshot, *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(msgspec.to_builtins(snapshot), indent=1))
        return
    lines = [line.plain for line in screen(View(snapshot), _WIDE, _HIGH)]
    for line in "\n".join(lines).rstrip().split("\n"):
        say(line)


def _code(snapshot: Snapshot) -> int:
    """Return the exit code of one look."""
    if snapshot.link is not Link.LIVE:
        return _UNREACHABLE
    live = snapshot.live
    troubled = live is None or bool(live.incidents) or not snapshot.health.good
    armed = any(service.armed_for_s is not None for service in snapshot.services)
    return _FINDING if troubled or armed else 0
