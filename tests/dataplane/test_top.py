"""`floodwall top` in a real terminal of 80 columns and 24 lines, beside a real daemon."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.household import NEIGHBOUR, Household, eventually

pytestmark = [pytest.mark.root, pytest.mark.live, pytest.mark.timeout(120)]

FLOOD = 3000


@dataclass(frozen=True, slots=True)
class Terminal:
    """A terminal that a program drives: tmux, with a server of its own."""

    socket: Path

    def tmux(self, *arguments: str) -> str:
        """Tell tmux something; return what it says."""
        return subprocess.run(
            ["tmux", "-S", str(self.socket), *arguments],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        ).stdout

    def screen(self) -> str:
        """Return what stands on the screen."""
        return self.tmux("capture-pane", "-p", "-t", "top")

    def shows(self, text: str) -> None:
        """Wait until the screen shows a text."""
        assert eventually(lambda: text in self.screen(), 40), self.screen()

    def type(self, text: str) -> None:
        """Type a text and Enter."""
        self.tmux("send-keys", "-t", "top", "-l", text)
        self.tmux("send-keys", "-t", "top", "Enter")

    def press(self, key: str) -> None:
        """Press a key."""
        self.tmux("send-keys", "-t", "top", key)


@contextmanager
def terminal(home: Household, folder: Path, *command: str) -> Iterator[Terminal]:
    """Run a verb beside the server in a terminal, for as long as a block runs."""
    inside = ["nsenter", f"--net=/run/netns/{home.server}", sys.executable, "-m", "floodwall"]
    made = Terminal(folder / "tmux")
    environment = [f"{name}={home.environment[name]}" for name in ("STATE_DIRECTORY", "PATH")]
    environment += [f"PYTHONPATH={os.environ.get('PYTHONPATH', '')}", "TERM=screen"]
    words = shlex.join(["env", *environment, *inside, *command])
    made.tmux("-f", "/dev/null", "new-session", "-d", "-s", "top", "-x", "80", "-y", "24", words)
    try:
        yield made
    finally:
        subprocess.run(
            ["tmux", "-S", str(made.socket), "kill-server"],
            capture_output=True,
            check=False,
            timeout=30,
        )


def test_a_flood_is_watched_and_answered_by_keys(home: Household, tmp_path: Path) -> None:
    """It is seen, a ban that is typed is in the kernel, and the end of the daemon is seen too."""
    daemon = home.daemon()
    with terminal(home, tmp_path, "top") as seen:
        seen.shows("Are my users getting in?")
        seen.shows("LIVE")
        assert len(seen.screen().rstrip("\n").split("\n")) == 24
        home.flood(FLOOD)
        seen.shows("incident for ")
        seen.press("b")
        seen.shows("Ban which address or network?")
        seen.type(NEIGHBOUR)
        seen.shows("For how long?")
        seen.press("Enter")
        seen.shows("Why?")
        seen.type("seen in top")
        seen.shows(f"Ban {NEIGHBOUR}/32 for 10m")
        seen.type("y")
        seen.shows(f"banned {NEIGHBOUR}/32")
        listed = home.floodwall("bans").stdout
        assert NEIGHBOUR in listed
        assert "seen in top" in listed
        assert not home.reachable(timeout_s=1.0)
        assert daemon.end() == 0
        seen.shows("STALE  nothing heard since")
        seen.press("q")
        assert eventually(lambda: not _runs(seen))


def _runs(seen: Terminal) -> bool:
    """Tell whether the session is there."""
    return (
        subprocess.run(
            ["tmux", "-S", str(seen.socket), "has-session", "-t", "top"],
            capture_output=True,
            check=False,
            timeout=30,
        ).returncode
        == 0
    )
