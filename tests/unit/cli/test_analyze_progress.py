"""How far `floodwall analyze` is."""

import io
from pathlib import Path

from rich.console import Console

from floodwall.cli.analyze_progress import read_all
from floodwall.forensics.inputs import Options
from tests.support.evidence import golden_log


def test_a_terminal_sees_how_far_it_is(tmp_path: Path) -> None:
    """With the size; a pipe sees nothing; both get the same."""
    file = tmp_path / "kern[red].log"
    file.write_text(golden_log().text)
    seen, unseen = io.StringIO(), io.StringIO()
    watched = Console(file=seen, force_terminal=True, width=120)
    first = read_all([str(file), str(file)], Options(year=2004), watched)
    second = read_all([str(file), str(file)], Options(year=2004), Console(file=unseen))

    assert "kern[red].log" in seen.getvalue()
    assert "bytes" in seen.getvalue()
    assert unseen.getvalue() == ""
    assert first.inputs == second.inputs
    assert len(first.inputs) == 2
