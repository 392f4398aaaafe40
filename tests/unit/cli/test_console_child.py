"""The console beside a daemon."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from floodwall.cli import console_child as module
from floodwall.cli.console_child import command_line, console_beside
from floodwall.core.errors import NotSupported


def test_it_is_started_as_this_program_was() -> None:
    """With the same Python."""
    assert command_line(as_json=False) == [sys.executable, "-m", "floodwall", "console"]
    assert command_line(as_json=True)[-1] == "--json"


@pytest.mark.parametrize("stubborn", [False, True])
def test_it_ends_with_the_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, stubborn: bool
) -> None:
    """Also if it does not want to."""
    mark = tmp_path / "began"
    ignore = "signal.signal(signal.SIGTERM, signal.SIG_IGN)" if stubborn else ""
    code = f"import signal, time; {ignore}\nopen({str(mark)!r}, 'w').close(); time.sleep(60)"
    monkeypatch.setattr(module, "PATIENCE_S", 0.1)
    monkeypatch.setattr(module, "command_line", lambda **_: [sys.executable, "-c", code])
    begun = time.monotonic()

    with console_beside(wanted=True, as_json=False):
        while not mark.exists():
            time.sleep(0.01)

    assert time.monotonic() - begun < 30


def test_its_death_is_not_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever it ended with."""
    monkeypatch.setattr(module, "command_line", lambda **_: [sys.executable, "-c", "exit(7)"])
    with console_beside(wanted=True, as_json=False):
        time.sleep(0.05)


def test_it_is_not_started_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what is missing is told before the daemon begins."""

    def no(*_: str) -> None:
        raise NotSupported("not installed")

    monkeypatch.setattr(module, "require_extra", no)
    with console_beside(wanted=False, as_json=False):
        pass
    with pytest.raises(NotSupported), console_beside(wanted=True, as_json=False):
        pass
