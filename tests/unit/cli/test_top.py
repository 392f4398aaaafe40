"""`floodwall top`."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from floodwall.app.client import Client
from floodwall.cli import top as module
from floodwall.cli.main import main
from floodwall.console.feed import Feed
from floodwall.core.errors import NotSupported
from floodwall.core.protocol import SOCKET
from tests.support.fake_daemon import CALM, FakeDaemon, serving


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the verb ask a daemon in a directory of the test."""
    monkeypatch.setattr(module, "Feed", lambda: Feed(lambda: Client(tmp_path / SOCKET, 5.0)))
    return tmp_path


def ask(*arguments: str) -> Result:
    """Run the verb."""
    return CliRunner().invoke(main, ["top", *arguments])


def test_once_prints_the_screen(run: Path) -> None:
    """A usual day is no finding, a flood is one."""
    daemon = FakeDaemon()
    with serving(run, daemon.verbs()):
        calm = ask("--once")
        daemon.flood()
        flood = ask("--once")

    assert calm.exit_code == 0
    assert calm.stdout.startswith("Floodwall  LIVE  ")
    assert "Are my users getting in?" in calm.stdout
    assert flood.exit_code == 1
    assert "spoofed flood 97%" in flood.stdout


def test_a_program_gets_the_facts(run: Path) -> None:
    """All of them, as one object."""
    with serving(run, FakeDaemon().verbs()):
        told = json.loads(ask("--json").stdout)

    assert (told["link"], told["health"]["good"]) == ("live", True)
    assert told["live"]["services"][0]["name"] == CALM.name


def test_where_no_daemon_answers_that_is_told(run: Path) -> None:
    """With an exit code of its own."""
    assert run.is_dir()
    answer = ask("--once")

    assert answer.exit_code == 3
    assert answer.stdout.startswith("Floodwall  NO DAEMON")
    assert "no daemon can be reached" in answer.stdout


def test_a_pipe_is_no_terminal() -> None:
    """There is another way for it."""
    answer = ask()

    assert answer.exit_code == 2
    assert "--once prints the screen" in answer.stderr


@pytest.mark.parametrize("span", ["0.1", "2m", "0"])
def test_a_pace_is_bounded(span: str) -> None:
    """A daemon serves others, too."""
    answer = ask("--every", span)

    assert answer.exit_code == 2
    assert "--every takes 0.5 s to 60 s" in answer.stderr


def test_a_missing_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """By its name, with the way to get it."""
    monkeypatch.setitem(sys.modules, "textual", None)
    monkeypatch.delitem(sys.modules, "floodwall.console.top.app", raising=False)
    for name in [n for n in sys.modules if n.startswith("textual.")]:
        monkeypatch.delitem(sys.modules, name)
    with pytest.raises(NotSupported, match="needs the package textual") as caught:
        module._live(1.0)

    assert "bin/floodwall installs it" in caught.value.hint
