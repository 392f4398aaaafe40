"""What `floodwall analyze` does instead of one account, and the exit codes of all of it."""

import json
import signal
import threading
import time
from collections.abc import Iterable

import click
from rich.console import Console

from floodwall.cli.analyze_outputs import Wanted
from floodwall.core.errors import ConfigError
from floodwall.forensics.account import Account
from floodwall.forensics.compare import compare, side_of
from floodwall.forensics.evidence import Format
from floodwall.forensics.finding import Finding
from floodwall.forensics.identify import identify
from floodwall.forensics.inputs import Options, clock_of, read_input
from floodwall.forensics.logs.clock import Clock
from floodwall.forensics.moments import iso
from floodwall.forensics.outputs import comparison, document
from floodwall.forensics.outputs.sentences import TITLES, sentences
from floodwall.forensics.partial import Packets
from floodwall.forensics.read.opening import STANDARD_INPUT, opened
from floodwall.forensics.read.tail import Tail
from floodwall.forensics.watch import Event, Watch, pause_after
from floodwall.forensics.words import printable

FOLLOW_SCHEMA = "floodwall.follow/1"
_FOUND = 1
_UNUSABLE = 2
_POLL_S = 0.5
_STOPS = (signal.SIGINT, signal.SIGTERM)
_TOLD = ("against", "requests", "sources", "per second")


def exit_code(*accounts: Account) -> int:
    """Return 1 if an attack was found, 2 if nothing could be read, else 0."""
    if any(account.is_attack for account in accounts):
        return _FOUND
    inputs = [item for account in accounts for item in account.inputs]
    return _UNUSABLE if all(item.errors and not item.records for item in inputs) else 0


def alone(option: str, files: tuple[str, ...], wanted: Wanted, *, also: bool) -> None:
    """Refuse what an option cannot be joined with."""
    if files:
        raise ConfigError(f"{option} takes its own files; too many: {printable(' '.join(files))}")
    if also or wanted != Wanted():
        raise ConfigError(f"{option} gives no account: it cannot be joined with others")


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


def following(path: str, options: Options, *, as_json: bool) -> int:
    """Tell what happens in a log while it grows, until interrupted; return the exit code."""
    watch = Watch(path, _clock_of_log(path, options), options.selection)
    tail, stop = Tail(path), threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in _STOPS}
    try:
        _follow(tail, watch, stop, as_json=as_json)
    finally:
        tail.close()
        for number, handler in before.items():
            signal.signal(number, handler)
    return _FOUND if watch.attacked else 0


def _follow(tail: Tail, watch: Watch, stop: threading.Event, *, as_json: bool) -> None:
    due = 0.0
    while not stop.is_set():
        block = tail.read()
        watch.take(block)
        now = time.monotonic()
        if not block or now >= due:
            _tell(watch.look(now), as_json=as_json)
            due = time.monotonic() + pause_after(time.monotonic() - now)
        if not block:
            stop.wait(max(_POLL_S, due - time.monotonic() - 1))
    watch.take(tail.read())
    _tell(watch.finish(time.monotonic()), as_json=as_json)


def _tell(news: Iterable[tuple[Event, Finding]], *, as_json: bool) -> None:
    for event, finding in news:
        click.echo(_line(event, finding, as_json=as_json))


def _clock_of_log(path: str, options: Options) -> Clock:
    """Refuse what is no growing log, and return what reads its times."""
    if path == STANDARD_INPUT:
        raise ConfigError("--follow needs the name of a log", hint="a pipe cannot be rotated")
    with opened(path) as source:
        form, trouble = identify(source.head())
        if form not in (Format.LOG, Format.EMPTY) or source.compression:
            text = f"{path} is no log that grows: {trouble or source.compression or form.value}"
            raise ConfigError(printable(text, 1_000))
        return clock_of(source, options)


def _line(event: Event, finding: Finding, *, as_json: bool) -> str:
    if as_json:
        (made,) = document.document(Account((finding,), (), (), Packets()))["findings"]
        return json.dumps({"schema": FOLLOW_SCHEMA, "event": event.value, "finding": made})
    told = dict(reversed(sentences(finding)))
    parts = [f"{name} {told[name]}" for name in _TOLD if name in told]
    at = finding.start if event is Event.FOUND else finding.end
    when = iso(at, relative=finding.relative) or "time unknown"
    return printable(f"{when} {event.value}: {TITLES[finding.kind]}; " + "; ".join(parts), 1_000)
