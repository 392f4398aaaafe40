"""The part of `off` that takes long to load."""

import subprocess
import sys
from pathlib import Path

import pytest

from floodwall.app import footing
from floodwall.app.off_rest import end_bans_on_record, remove_lower


def test_it_is_loaded_only_when_it_is_needed() -> None:
    """`off` itself is light, and names it rightly."""
    code = (
        "import sys, floodwall.app.off as off; print(off._HEAVY in sys.modules);"
        "import importlib; importlib.import_module(off._HEAVY)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert answer.stdout == "False\n"


def test_both_parts_are_carried_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that is not there needs no end; what lower rungs removed is told."""
    monkeypatch.setattr(footing, "remove_lower", lambda run: iter([f"removed {run.name}"]))

    assert end_bans_on_record(tmp_path / "none.db") == ""
    assert list(remove_lower(tmp_path)) == [f"removed {tmp_path.name}"]
