"""`floodwall alerts`, as a process and as its verbs."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from floodwall.alerts.spool import FILE, Spool
from floodwall.cli.alerts import command
from floodwall.cli.main import main
from tests.support.alerts import START_S, AlertBook, flood
from tests.support.receivers import http_server

KEY = "incident:*:443 nginx"
SECRET = "correct-horse-battery"  # noqa: S105  a secret of nobody


def configured(folder: Path, targets: str, settings: str = "") -> Path:
    """Write settings and a file of targets."""
    kept = folder / "targets"
    kept.write_text(targets)
    kept.chmod(0o600)
    config = folder / "floodwall.toml"
    config.write_text(f'[alerts]\ntargets = "{kept}"\n{settings}')
    return config


def hook(folder: Path, name: str, script: str) -> str:
    """Write a table of targets with one hook."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o700)
    return f'[{name}]\nexec = "{file}"\n'


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A spool in which a flood is open and waits to be told to one target."""
    book = AlertBook() >> flood(0)
    with Spool(tmp_path / FILE) as spool:
        spool.take(book.state, [("ops", book.messages[0])], START_S)
    return tmp_path


def test_a_test_tells_of_each_target(tmp_path: Path) -> None:
    """Exit code 1 if one cannot be reached, 0 if all can."""
    targets = hook(tmp_path, "good", "true") + hook(tmp_path, "bad", "exit 3")
    config = configured(tmp_path, targets)
    both = CliRunner().invoke(command, ["test", "--config", str(config)])
    assert both.exit_code == 1
    assert both.stdout == "good: arrived\nbad: ended with 3\n"
    words = ["test", "--config", str(config), "--target", "good", "--json"]
    good = CliRunner().invoke(command, words)
    assert good.exit_code == 0
    assert json.loads(good.stdout) == [{"target": "good", "arrived": True, "why": ""}]


def test_a_target_that_is_not_there_is_named(tmp_path: Path) -> None:
    """With those that are."""
    config = configured(tmp_path, hook(tmp_path, "good", "true"))
    words = ["alerts", "test", "--config", str(config), "--target", "x"]
    found = CliRunner().invoke(main, words)

    assert found.exit_code == 2
    assert "no target is called 'x'" in found.stderr
    assert "known: good" in found.stderr


@pytest.mark.parametrize("targets", ["", f'[a]\nurl = "{SECRET}"\n'])
def test_targets_that_cannot_be_used_are_refused(tmp_path: Path, targets: str) -> None:
    """None, or a wrong one; exit code 2, and nothing of it is shown."""
    config = configured(tmp_path, targets)
    for verb in ("test", "run"):
        found = CliRunner().invoke(main, ["alerts", verb, "--config", str(config)])
        assert found.exit_code == 2
        assert SECRET not in found.output


def test_status_shows_what_waits(state: Path) -> None:
    """For people and for programs; exit code 1 while something waits."""
    with Spool(state / FILE) as spool:
        spool.done(spool.due(START_S, frozenset())[0], "refused with status 503", START_S)
    found = CliRunner().invoke(command, ["status", "--state", str(state)])
    assert found.exit_code == 1
    assert f"open    {KEY}: A SYN flood" in found.stdout
    assert "waits   ops: 1, last try: refused with status 503" in found.stdout
    told = json.loads(
        CliRunner().invoke(command, ["status", "--state", str(state), "--json"]).stdout
    )
    assert told["open"][0]["key"] == KEY
    assert told["history"][0]["outcome"] == "refused with status 503"


def test_ack_leaves_a_word(state: Path) -> None:
    """For what is open; exit code 1 for what is not."""
    found = CliRunner().invoke(command, ["ack", KEY, "--state", str(state)])
    assert (found.exit_code, found.stdout) == (0, f"acknowledged {KEY}\n")
    unknown = CliRunner().invoke(command, ["ack", "incident:x", "--state", str(state)])
    assert unknown.exit_code == 1
    everything = CliRunner().invoke(command, ["ack", "--all", "--state", str(state)])
    assert everything.exit_code == 0
    with Spool(state / FILE) as spool:
        assert spool.acks() == {KEY}


@pytest.mark.parametrize("words", [["ack"], ["ack", "x", "--all"], ["ack", "x"], ["status"]])
def test_what_makes_no_sense_is_refused(tmp_path: Path, words: list[str]) -> None:
    """Nothing named, both named, nothing known."""
    found = CliRunner().invoke(main, ["alerts", *words, "--state", str(tmp_path)])
    assert found.exit_code == 2


def start(config: Path, state: Path) -> subprocess.Popen[str]:
    """Run the alerts as a process; no daemon answers in the namespace of a test machine."""
    words = ["alerts", "run", "--config", str(config), "--state", str(state)]
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "floodwall", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def until(process: subprocess.Popen[str], words: str) -> list[str]:
    """Read what a process says until it says this; a test has a time of its own."""
    said: list[str] = []
    assert process.stdout is not None
    for line in process.stdout:
        said.append(line)
        if words in line:
            return said
    raise AssertionError(f"it ended without {words!r}: {said}")


@pytest.mark.slow
def test_a_daemon_that_is_not_there_is_told_across_a_kill(tmp_path: Path) -> None:
    """Refused first, killed with -9, started again, told then, though another target hangs."""
    nowhere = tmp_path / "run"
    with http_server() as server, http_server() as stuck:
        server.status, stuck.hangs = 503, True
        targets = "".join(
            f'[{name}]\nwebhook = "http://127.0.0.1:{each.port}/{SECRET}"\nsecret = "{SECRET}"\n'
            for name, each in (("own", server), ("stuck", stuck))
        )
        config = configured(tmp_path, targets, "silent_s = 2\n")
        with start(config, nowhere) as process:
            said = until(process, "could not be told: refused with status 503")
            process.send_signal(signal.SIGKILL)
        server.status = 200
        with start(config, nowhere) as process:
            said += until(process, "own was told (started daemon)")
            second = CliRunner().invoke(
                main, ["alerts", "run", "--config", str(config), "--state", str(nowhere)]
            )
            process.send_signal(signal.SIGTERM)
            assert process.wait() == 0

    assert second.exit_code == 3
    assert "another floodwall alerts run" in second.stderr
    assert SECRET not in "".join(said)
    assert sum("started daemon: to own, stuck" in line for line in said) == 1
    bodies = [json.loads(raw) for _, _, raw in server.requests]
    assert {body["key"] for body in bodies} == {"daemon"}
    assert bodies[-1]["what"].startswith("The daemon does not answer: no daemon can be reached")
    with Spool(nowhere / FILE) as spool:
        assert [(each.name, each.waiting) for each in spool.targets()] == [("stuck", 1)]


@pytest.mark.slow
def test_settings_are_taken_up_whole_or_not_at_all(tmp_path: Path) -> None:
    """At SIGHUP; a mistake leaves those of before."""
    config = configured(tmp_path, hook(tmp_path, "one", "true"))
    with start(config, tmp_path / "run") as process:
        until(process, "watching, and telling one")
        targets = tmp_path / "targets"
        before = targets.read_text()
        targets.write_text("[two]\n")
        process.send_signal(signal.SIGHUP)
        until(process, "kept the settings of before")
        targets.write_text(before + hook(tmp_path, "two", "true"))
        process.send_signal(signal.SIGHUP)
        until(process, "took up the settings, and telling one, two")
        process.send_signal(signal.SIGINT)
        assert process.wait() == 0
