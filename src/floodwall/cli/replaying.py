"""The part of `floodwall analyze` that needs root: what Floodwall would have done."""

from pathlib import Path

from rich.console import Console
from rich.progress import Progress, TextColumn, TimeElapsedColumn

from floodwall.app.configure import Sources
from floodwall.app.replay import Replayed, replay
from floodwall.core.errors import ConfigError
from floodwall.forensics.read.opening import STANDARD_INPUT


def replayed(files: tuple[str, ...], settings: Path | None, backlog: int) -> Replayed:
    """Replay captures under these settings, and show how far it is on the standard error."""
    if STANDARD_INPUT in files:
        raise ConfigError(
            "a replay reads its captures twice, and the standard input can be read once",
            hint="save it to a file",
        )
    columns = (TextColumn("replaying: {task.completed:,.0f} frames"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("frames", total=None)
        return replay(
            files,
            Sources(settings).read(),
            backlog,
            lambda frames: progress.update(task, completed=frames),
        )
