"""Shows how many machines were visited, where somebody watches."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn


@contextmanager
def watching(
    what: str, count: int, console: Console | None = None
) -> Iterator[Callable[[str], None]]:
    """Give what is told the name of each machine; nothing is shown unless it is a terminal."""
    watched = console or Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[last]}"),
        console=watched,
        transient=True,
        disable=not watched.is_terminal,
    ) as shown:
        task = shown.add_task(what, total=count, last="")
        yield lambda name: shown.update(task, advance=1, last=escape(name))
