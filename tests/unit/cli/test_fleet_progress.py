"""Progress is shown to whoever watches, and to nobody else."""

from io import StringIO

from rich.console import Console

from floodwall.cli.fleet_progress import watching


def test_machines_are_counted_and_named() -> None:
    """What looks like markup is none."""
    console = Console(file=StringIO(), force_terminal=True, width=100)
    with watching("auditing", 2, console) as seen:
        seen("web1")
        seen("[red]web2")
    assert isinstance(console.file, StringIO)
    shown = console.file.getvalue()
    assert "auditing" in shown
    assert "2/2" in shown
    assert "[red]web2" in shown


def test_nothing_is_shown_where_nobody_watches() -> None:
    """A file gets none of it."""
    console = Console(file=StringIO(), force_terminal=False)
    with watching("auditing", 1, console) as seen:
        seen("web1")
    assert isinstance(console.file, StringIO)
    assert console.file.getvalue() == ""
