"""`floodwall metrics`: what the daemon says, for Prometheus."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import click

from floodwall.app.notify import Notifier
from floodwall.cli.options import as_json, examples
from floodwall.console.feed import Feed, Link, Snapshot
from floodwall.core.errors import ConfigError, NotSupported

FRESH_S = 1.0
"""A look at the daemon is used again for so long, by whomever asks."""

_FILE_MODE = 0o644  # the textfile collector runs as another user


@click.command(
    name="metrics",
    epilog=examples(
        "metrics",
        "metrics --output /var/lib/prometheus/node-exporter/floodwall.prom",
        "metrics --listen 127.0.0.1:9824",
    ),
)
@click.option(
    "--listen", metavar="ADDR:PORT", help="Serve /metrics there, until SIGTERM or Ctrl-C."
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    help="Write to this file, which is whole at every moment.",
)
@as_json
def command(listen: str | None, output: Path | None, *, as_json: bool) -> None:
    """Print the state of the defence once, in the text format of Prometheus, or serve it.

    Asks the daemon through the control socket, for which the group floodwall is enough, and needs
    no capability.  Without an address --listen takes the loopback one; port 0 is any free port.
    While the daemon is silent only floodwall_up 0 and its like are told.  Exit code: 0 the daemon
    answered, 1 it did not.
    """
    if listen is not None and (output is not None or as_json):
        raise ConfigError("--listen goes neither with --output nor with --json")
    if find_spec("prometheus_client") is None:
        raise NotSupported(
            "metrics need the package prometheus-client",
            feature="console",
            hint="bin/floodwall installs it; elsewhere: pip install 'floodwall[console]'",
        )
    if listen is not None:
        _serve(listen)
    else:
        _tell(output, as_json=as_json)


def _tell(output: Path | None, *, as_json: bool) -> None:
    from floodwall.console.metrics import exposition, samples  # noqa: PLC0415  needs an extra

    feed = Feed()
    snapshot = feed.poll()
    feed.close()
    if as_json:
        text = json.dumps(samples(snapshot), indent=1) + "\n"
    else:
        text = exposition(snapshot).decode()
    if output is None:
        click.echo(text, nl=False)
    else:
        _write(output, text)
    raise SystemExit(0 if snapshot.link is Link.LIVE else 1)


class _Fresh:
    """The newest snapshot; it is asked for when somebody wants it, once a second at most."""

    def __init__(self, feed: Feed, text: Callable[[Snapshot], bytes]) -> None:
        self._feed = feed
        self._text = text
        self._at_s = float("-inf")

    def page(self) -> bytes:
        """Return the text of a scrape."""
        return self._text(self._snapshot())

    def _snapshot(self) -> Snapshot:
        if time.monotonic() - self._at_s >= FRESH_S:
            self._feed.poll()
            self._at_s = time.monotonic()
        return self._feed.last


def _serve(listen: str) -> None:
    from floodwall.console.metrics import exposition  # noqa: PLC0415  needs an extra
    from floodwall.console.metrics_server import (  # noqa: PLC0415  as above
        MetricsServer,
        parse_listen,
    )

    address = parse_listen(listen)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    feed = Feed()
    notifier = Notifier()
    with MetricsServer(address, _Fresh(feed, exposition).page) as server:
        click.echo(f"serves http://{_shown(address[0])}:{server.port}/metrics")
        notifier.ready(f"port {server.port}")
        while not stop.is_set():
            server.serve(1.0)
            notifier.alive()
    feed.close()
    notifier.stopping()


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _write(path: Path, text: str) -> None:
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        scratch.write_text(text)
        scratch.chmod(_FILE_MODE)
        scratch.replace(path)
    except OSError as error:
        scratch.unlink(missing_ok=True)
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
