"""How the daemon speaks: to a terminal, into a log, or to a program."""

import json
import sys
from datetime import datetime
from typing import IO, Protocol, cast

from rich.console import Console
from rich.live import Live
from rich.text import Text

from floodwall.app.outlet import Outlet, Screen
from floodwall.core.plan import Plan, plan_lines
from floodwall.core.summary import Summary, state_line


class Reporter(Protocol):
    """What the daemon has to say."""

    def plan(self, plan: Plan) -> None:
        """Tell what is protected, how and why."""

    def second(self, summary: Summary) -> None:
        """Tell what happened in the last second."""

    def event(self, text: str) -> None:
        """Tell something that does not happen every second."""

    def close(self) -> None:
        """Leave the terminal as it was."""


class PlainReporter:
    """Lines with the time of day, for a log or a pipe."""

    def __init__(self) -> None:
        self._outlet = Outlet()

    def plan(self, plan: Plan) -> None:
        """Write the plan, one fact a line."""
        for line in plan_lines(plan):
            self._outlet.write(line)

    def second(self, summary: Summary) -> None:
        """Write the state line."""
        self._outlet.write(f"{_time()}  {state_line(summary)}")

    def event(self, text: str) -> None:
        """Write the sentence."""
        self._outlet.write(f"{_time()}  {text}")

    def close(self) -> None:
        """Give a slow reader a last moment."""
        self._outlet.close()


class JsonReporter:
    """One JSON object a line; `kind` says which."""

    def __init__(self) -> None:
        self._outlet = Outlet()

    def plan(self, plan: Plan) -> None:
        """Write the plan as one object."""
        self._write("plan", plan.as_json())

    def second(self, summary: Summary) -> None:
        """Write the second as one object."""
        self._write("second", summary.as_json())

    def event(self, text: str) -> None:
        """Write the sentence as one object."""
        self._write("event", {"text": text})

    def close(self) -> None:
        """Give a slow reader a last moment."""
        self._outlet.close()

    def _write(self, kind: str, fields: dict[str, object]) -> None:
        at = datetime.now().astimezone().isoformat(timespec="milliseconds")
        self._outlet.write(json.dumps({"kind": kind, "at": at, **fields}))


class LiveReporter:
    """A terminal: the state line stays in its place, events scroll by above it."""

    def __init__(self) -> None:
        self._screen = Screen()
        self._console = Console(file=cast("IO[str]", self._screen), highlight=False)
        self._live = Live(console=self._console, auto_refresh=False)
        self._live.start()

    def plan(self, plan: Plan) -> None:
        """Write the plan above the state line."""
        for line in plan_lines(plan):
            self._console.print(Text(line))

    def second(self, summary: Summary) -> None:
        """Write the state line in place of the one before."""
        style = "bold red" if summary.armed else "green"
        self._live.update(Text(f"{_time()}  {state_line(summary)}", style=style), refresh=True)

    def event(self, text: str) -> None:
        """Write the sentence above the state line."""
        self._console.print(Text(f"{_time()}  {text}"))

    def close(self) -> None:
        """Leave the last state line where it is."""
        self._live.stop()
        self._screen.close()


def make_reporter(*, as_json: bool) -> Reporter:
    """Choose how to speak by what is on the other side of the standard output."""
    if as_json:
        return JsonReporter()
    # Whoever closed it, as in `floodwall run >&-`, left none at all.
    watched = sys.stdout is not None and sys.stdout.isatty() and not Console().is_dumb_terminal
    return LiveReporter() if watched else PlainReporter()


def _time() -> str:
    return datetime.now().astimezone().strftime("%H:%M:%S")
