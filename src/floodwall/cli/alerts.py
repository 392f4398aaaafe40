"""`floodwall alerts`: tell humans what the daemon sees, and try out whether they can be told."""

import json
import os
import signal
import socket
import threading
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from floodwall.alerts.delivery import Parcel, deliver
from floodwall.alerts.spool import FILE, Spool
from floodwall.alerts.targets import read_targets
from floodwall.alerts.watch import Means, Watch
from floodwall.app.client import Client
from floodwall.app.configure import Sources
from floodwall.app.notify import Notifier
from floodwall.app.outlet import Outlet
from floodwall.cli.options import as_json, examples
from floodwall.console.feed import Feed
from floodwall.core.alert_targets import Target
from floodwall.core.alerting import trial_message
from floodwall.core.errors import ConfigError, FloodwallError, KernelError
from floodwall.core.incidents import MACHINE
from floodwall.core.settings_alerts import AlertPolicy
from floodwall.kernel.filelock import FileLock

_CONFIG = Path("/etc/floodwall/floodwall.toml")
_STATE = Path("/var/lib/floodwall-alerts")
_VARIABLE = "STATE_DIRECTORY"  # systemd.exec(5)
_PATIENCE_S = 2.0
_HISTORY = 20

_config = click.option(
    "--config",
    type=click.Path(path_type=Path),
    default=_CONFIG,
    show_default=True,
    help="Settings file (TOML) with a table [alerts].",
)
_state = click.option(
    "--state",
    type=click.Path(path_type=Path),
    help=f"Directory of what is still to be told.  Default: {_STATE}.",
)


@click.group(
    name="alerts",
    epilog=examples("alerts test", "alerts run", "alerts status", "alerts ack --all"),
)
def command() -> None:
    """Tell humans by mail, chat, pager, webhook or hook when something happens.

    A process of its own, which reads the control socket and decides nothing about the defence.
    Where alerts go stands in the file that the setting alerts.targets names.
    """


@command.command(
    name="run",
    epilog=examples("alerts run", "alerts run --config ./floodwall.toml --state ./alerts"),
)
@_config
@_state
def run(config: Path, state: Path | None) -> None:
    """Watch the daemon, and tell what is worth telling, until SIGTERM or Ctrl-C.

    Prints a line for each alert and each delivery.  SIGHUP reads settings and targets again: all
    of them or none.  Needs no capability; the group floodwall lets it look.
    """
    policy, targets = _settings(config)
    place = _place(state)
    lock = FileLock(place / "lock")
    if not lock.acquire(wait=False):
        raise KernelError("another floodwall alerts run uses this directory", obj=str(place))
    with lock, Spool(place / FILE) as spool:
        outlet = Outlet()
        means = Means(Feed().poll, _numbers, outlet.write, socket.gethostname())
        watch = Watch(policy, targets, spool, means)
        try:
            _go_on(watch, config, targets, outlet)
        finally:
            watch.close()
            outlet.close()


@command.command(
    name="test", epilog=examples("alerts test", "alerts test --target pager", "alerts test --json")
)
@click.option("--target", "only", metavar="NAME", help="Only this one.  Default: all.")
@_config
@as_json
def test(only: str | None, config: Path, *, as_json: bool) -> None:
    """Send a test to each target now, and tell what became of it.

    Needs neither the daemon nor the process of the alerts.  Exit code: 0 all arrived, 1 one did
    not.
    """
    _, targets = _settings(config)
    if only is not None and only not in targets:
        raise ConfigError(f"no target is called {only!r}", hint=f"known: {', '.join(targets)}")
    rows = []
    for name, target in targets.items():
        if only not in {None, name}:
            continue
        now_s = time.time()
        parcel = Parcel(f"test-{int(now_s)}", trial_message(now_s), socket.gethostname())
        outcome = deliver(target, parcel)
        rows.append({"target": name, "arrived": outcome.arrived, "why": outcome.why})
        if not as_json:
            click.echo(f"{name}: {'arrived' if outcome.arrived else outcome.why}")
    if as_json:
        click.echo(json.dumps(rows, indent=1))
    raise SystemExit(0 if all(row["arrived"] for row in rows) else 1)


@command.command(name="status", epilog=examples("alerts status", "alerts status --json"))
@_state
@as_json
def status(state: Path | None, *, as_json: bool) -> None:
    """Show what goes on, what waits to be told, and what became of the last deliveries.

    Exit code: 0 everybody was told, 1 something waits or fails.
    """
    path = _directory(state) / FILE
    if not path.exists():
        raise ConfigError(f"nothing is known: there is no {path}", hint="floodwall alerts run")
    with Spool(path, read_only=True) as spool:
        targets, history, kept = spool.targets(), spool.history(_HISTORY), spool.state()
    if as_json:
        told: dict[str, Any] = {
            "open": [
                {"key": key, "acknowledged": each.acknowledged, "what": each.trouble.what}
                for key, each in kept.open.items()
            ],
            "targets": [asdict(each) for each in targets],
            "history": history,
        }
        click.echo(json.dumps(told, indent=1))
    else:
        for key, each in kept.open.items():
            seen = " (acknowledged)" if each.acknowledged else ""
            click.echo(f"open    {key}: {each.trouble.what}{seen}")
        for one in targets:
            why = f", last try: {one.why}" if one.why else ""
            click.echo(f"waits   {one.name}: {one.waiting}{why}")
        for row in history:
            at = time.strftime("%Y-%m-%d %H:%M:%SZ", time.gmtime(row["at_s"]))
            click.echo(f"{at}  {row['target']}: {row['event']} {row['key']}: {row['outcome']}")
    raise SystemExit(1 if targets else 0)


@command.command(
    name="ack", epilog=examples("alerts ack 'incident:*:443 nginx'", "alerts ack --all")
)
@click.argument("keys", nargs=-1, metavar="[KEY]...")
@click.option("--all", "everything", is_flag=True, help="Everything that is open now.")
@_state
def ack(keys: tuple[str, ...], state: Path | None, *, everything: bool) -> None:
    """Say that somebody looks after it: it is not escalated any more.

    KEY is what the alert names, and 'floodwall alerts status' lists.  Changes and the end are
    still told.  Exit code: 0 taken, 1 nothing like that is open.
    """
    if everything == bool(keys):
        raise ConfigError("name what is acknowledged, or say --all")
    path = _directory(state) / FILE
    if not path.exists():
        raise ConfigError(f"nothing is known: there is no {path}", hint="floodwall alerts run")
    with Spool(path) as spool:
        known = spool.state().open
        taken = [key for key in (known if everything else keys) if key in known]
        for key in taken:
            spool.acknowledge(key)
            click.echo(f"acknowledged {key}")
    unknown = [key for key in keys if key not in known]
    for key in unknown:
        click.echo(f"not open: {key}", err=True)
    raise SystemExit(1 if unknown or not taken else 0)


def _go_on(watch: Watch, config: Path, targets: dict[str, Target], outlet: Outlet) -> None:
    stop, again = threading.Event(), threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    signal.signal(signal.SIGHUP, lambda *_: again.set())
    notifier = Notifier()
    notifier.ready(f"{len(targets)} targets")
    outlet.write(f"watching, and telling {', '.join(targets)}")
    while not stop.is_set():
        if again.is_set():
            again.clear()
            _reload(watch, config, outlet)
        watch.turn()
        notifier.alive()
        # While something is under way its end is worth seeing soon.
        stop.wait(0.2 if watch.busy else 1.0)
    notifier.stopping()


def _reload(watch: Watch, config: Path, outlet: Outlet) -> None:
    try:
        policy, targets = _settings(config)
    except FloodwallError as error:
        outlet.write(f"kept the settings of before: {error.message}")
        return
    watch.configure(policy, targets)
    outlet.write(f"took up the settings, and telling {', '.join(targets)}")


def _settings(config: Path) -> tuple[AlertPolicy, dict[str, Target]]:
    policy = Sources(config).read().alerts
    targets = read_targets(policy.targets, config.absolute().parent)
    if not targets:
        raise ConfigError("the file of targets names none: nobody would be told")
    return policy, targets


def _directory(state: Path | None) -> Path:
    given = os.environ.get(_VARIABLE, "").split(":")[0]
    return state or (Path(given) if given else _STATE)


def _place(state: Path | None) -> Path:
    place = _directory(state)
    os.umask(0o077)
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise KernelError(
            f"cannot make {place}: {error.strerror}", hint="give --state a directory of yours"
        ) from error
    return place


def _numbers() -> dict[str, int]:
    """Return the numbers of open incidents by service; none if the daemon does not say."""
    try:
        with Client(patience_s=_PATIENCE_S) as client:
            rows = client.ask("incidents")["rows"]
    except (FloodwallError, KeyError):
        return {}
    return {row["service"] or MACHINE: row["id"] for row in reversed(rows) if row["closed"] is None}
