"""`floodwall metrics`: once, into a file, and served."""

from __future__ import annotations

import http.client
import json
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import cast

import pytest
from click.testing import CliRunner

from floodwall.cli import metrics as verb
from floodwall.cli.main import main
from floodwall.console.feed import Feed, Link, Snapshot
from floodwall.console.metrics import exposition


class FakeFeed:
    """A daemon that answers, or not."""

    def __init__(self, link: Link = Link.LIVE) -> None:
        self.last = Snapshot(link=link, at_wall_s=1.0, since_wall_s=1.0)
        self.polls = 0

    def __call__(self) -> FakeFeed:
        """Stand for the class itself."""
        return self

    def poll(self) -> Snapshot:
        """Count the look."""
        self.polls += 1
        return self.last

    def close(self) -> None:
        """Hang up: nothing to do."""


@pytest.mark.parametrize(("link", "code"), [(Link.LIVE, 0), (Link.STALE, 1)])
def test_it_prints_once(monkeypatch: pytest.MonkeyPatch, link: Link, code: int) -> None:
    """Exit code 1 if the daemon is silent, and the text says so as well."""
    monkeypatch.setattr(verb, "Feed", FakeFeed(link))
    found = CliRunner().invoke(main, ["metrics"])
    assert found.exit_code == code
    assert f"\nfloodwall_up {1 - code}.0\n" in found.stdout
    rows = json.loads(CliRunner().invoke(main, ["metrics", "--json"]).stdout)
    assert rows[0] == {"name": "floodwall_up", "labels": {}, "value": 1.0 - code}


def test_a_file_is_whole_and_for_everybody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The textfile collector is another user; nothing else is left beside it."""
    monkeypatch.setattr(verb, "Feed", FakeFeed())
    file = tmp_path / "floodwall.prom"
    file.write_text("old")
    found = CliRunner().invoke(main, ["metrics", "--output", str(file)])

    assert (found.exit_code, found.stdout) == (0, "")
    assert "floodwall_up 1.0\n" in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o644
    assert list(tmp_path.iterdir()) == [file]


def test_a_place_that_cannot_be_written_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 2."""
    monkeypatch.setattr(verb, "Feed", FakeFeed())
    found = CliRunner().invoke(main, ["metrics", "--output", str(tmp_path / "gone" / "x")])
    assert found.exit_code == 2
    assert "cannot write" in found.stderr


def test_without_its_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 3, and no trace of a program that fell over."""
    monkeypatch.setattr(verb, "find_spec", lambda _: None)
    found = CliRunner().invoke(main, ["metrics"])
    assert found.exit_code == 3
    assert "floodwall[console]" in found.stderr


@pytest.mark.parametrize("more", [["--json"], ["--output", "x"]])
def test_what_does_not_go_together_is_refused(more: list[str]) -> None:
    """Served, or written."""
    found = CliRunner().invoke(main, ["metrics", "--listen", ":0", *more])
    assert found.exit_code == 2


def test_scrapes_of_one_second_share_a_look(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many ask, the daemon is asked once."""
    now_s = [100.0]
    monkeypatch.setattr("floodwall.cli.metrics.time.monotonic", lambda: now_s[0])
    feed = FakeFeed()
    # A fake that is asked in the same words.
    fresh = verb._Fresh(cast("Feed", feed), exposition)
    pages = [fresh.page() for _ in range(5)]
    assert feed.polls == 1
    assert pages[0] == pages[4]
    now_s[0] += verb.FRESH_S
    fresh.page()
    assert feed.polls == 2


@pytest.mark.slow
def test_it_serves_until_it_is_told_to_end() -> None:
    """Without a daemon, as any user: down is what it says."""
    with subprocess.Popen(
        [sys.executable, "-u", "-m", "floodwall", "metrics", "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        port = int(line.rpartition(":")[2].partition("/")[0])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", "/metrics")
        answer = connection.getresponse()
        assert (answer.status, b"\nfloodwall_up " in answer.read()) == (200, True)
        connection.close()
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
