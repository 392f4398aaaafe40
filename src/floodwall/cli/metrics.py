"""`floodwall metrics`: what the daemon says, for Prometheus."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import click

from floodwall.app.notify import Notifier
from floodwall.cli.options import as_json, examples
from floodwall.console.feed import Feed, Link, Snapshot
from floodwall.console.metrics import exposition, samples
from floodwall.console.metrics_server import MetricsServer, parse_listen
from floodwall.core.errors import ConfigError

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
    if listen is not None:
        if output is not None or as_json:
            raise ConfigError("--listen goes neither with --output nor with --json")
        _serve(parse_listen(listen))
        return
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

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._at_s = float("-inf")

    def page(self) -> bytes:
        """Return the text of a scrape."""
        return exposition(self._snapshot())

    def _snapshot(self) -> Snapshot:
        if time.monotonic() - self._at_s >= FRESH_S:
            self._feed.poll()
            self._at_s = time.monotonic()
        return self._feed.last


def _serve(address: tuple[str, int]) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    feed = Feed()
    notifier = Notifier()
    with MetricsServer(address, _Fresh(feed).page) as server:
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
