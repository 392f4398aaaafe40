"""Reads the inputs of `floodwall analyze`, and shows how far it is where somebody watches."""

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from floodwall.forensics.inputs import Options, read_input
from floodwall.forensics.partial import Partial
from floodwall.forensics.words import printable


def read_all(files: Sequence[str], options: Options, console: Console | None = None) -> Partial:
    """Return what all inputs come to; progress goes to the standard error if it is a terminal."""
    whole = Partial(selection=options.selection)
    watched = console or Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=watched,
        transient=True,
        disable=not watched.is_terminal,
    ) as shown:
        for path in files:
            task = shown.add_task(escape(printable(Path(path).name, 40)), total=None)

            def tell(done: int, size: int, task: TaskID = task) -> None:
                shown.update(task, completed=done, total=size or None)

            whole.merge(read_input(path, options, tell))
            shown.update(task, visible=False)
    return whole
