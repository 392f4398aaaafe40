"""The process that opens for the console what only root may open."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from floodwall.console.web.api import CALLS
from floodwall.console.web.tokens import Level, make_token, write_tokens
from floodwall.console.web.usher import answer
from floodwall.core.protocol import SOCKET
from tests.support.fake_daemon import serving
from tests.support.fake_desk import FakeDesk
from tests.support.web_console import Site

ROOT = """
import sys
from pathlib import Path
from floodwall.console.web import server
server.run_directory = lambda: Path(sys.argv[1])
place = server.Place("127.0.0.1", 0, Path(sys.argv[2]))
listener = server.listen(place)
print(listener.getsockname()[1], flush=True)
sys.exit(server.run(place, listener))
"""


def test_two_questions_are_understood(tmp_path: Path) -> None:
    """And nothing that is sent is a path."""
    tokens = tmp_path / "tokens.json"
    write_tokens(tokens, [])
    with serving(tmp_path, FakeDesk().verbs()):
        for question in (b"c", b"t"):
            words, fd = answer(question, tmp_path / SOCKET, tokens)
            assert words == b"+"
            assert fd is not None
            os.close(fd)
    for question in (b"x", b"t/etc/shadow", b""):
        assert answer(question, tmp_path / SOCKET, tokens) == (b"-not understood", None)


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    """In words that a viewer may read."""
    for question in (b"c", b"t"):
        words, fd = answer(question, tmp_path / SOCKET, tmp_path / "none")
        assert fd is None
        assert words.startswith(b"-")


@contextmanager
def by_root(folder: Path) -> Iterator[tuple[subprocess.Popen[str], Site]]:
    """Start a console as root does; the token file and the socket are root's alone."""
    desk, tokens = FakeDesk(), folder / "tokens.json"
    token, text = make_token("anna", Level.OPERATE, "2026-11-21")
    write_tokens(tokens, [token])
    with serving(folder, desk.verbs()):
        command = [sys.executable, "-c", ROOT, str(folder), str(tokens)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                port = int(process.stdout.readline())
                yield process, Site(port, desk, text, "", tokens)
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(20)


@pytest.mark.root
@pytest.mark.slow
def test_started_by_root_it_is_root_no_more(tmp_path: Path) -> None:
    """It answers, asks the daemon and reads the tokens; and ends when root's side is told to."""
    tmp_path.chmod(0o700)
    with by_root(tmp_path) as (process, site):
        reply = site.ask("/api/bans", {"networks": ["203.0.113.9"]}, token=site.operator)
        login = site.ask("/api/login", {"token": site.operator})
        looks = [call.path for call in CALLS if call.method == "GET" and "{" not in call.path]
        statuses = {path: site.ask(path, token=site.operator).status for path in looks}
        (child,) = _children(process.pid)
        seen = {pid: _status(pid) for pid in (process.pid, child)}

    assert (reply.status, login.status) == (200, 200)
    assert set(statuses.values()) == {200, 400}, statuses
    assert site.daemon.asked[0][:2] == ("anna", "ban")
    assert seen[child]["Uid"].split()[0] != "0"
    assert {seen[pid]["CapEff"] for pid in seen} == {"0000000000000000"}
    assert {seen[pid]["NoNewPrivs"] for pid in seen} == {"1"}
    assert process.returncode == 0
    assert not Path(f"/proc/{child}").exists()


@pytest.mark.root
@pytest.mark.slow
def test_whoever_kills_roots_side_ends_both(tmp_path: Path) -> None:
    """Nothing is left that nobody looks after."""
    with by_root(tmp_path) as (process, site):
        assert site.ask("/").status == 200
        (child,) = _children(process.pid)
        process.kill()
        until = time.monotonic() + 20
        while Path(f"/proc/{child}").exists() and time.monotonic() < until:
            time.sleep(0.02)
        assert not Path(f"/proc/{child}").exists()


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(word) for word in text.split()]


def _status(pid: int) -> dict[str, str]:
    text = Path(f"/proc/{pid}/status").read_text()
    return {key: value.strip() for key, value in re.findall(r"^(\w+):\s*(.*)$", text, re.MULTILINE)}
