"""`floodwall apply`."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from click.testing import CliRunner

from floodwall.cli import apply as module
from floodwall.cli.main import main
from tests.support.fake_client import FakeClient

PLAN = {"settings": ["arming.hold_s: 5.0 -> 9.0"], "effects": ["limits of *:80: hold_ns 5 -> 9"]}


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    """Put a daemon in place."""
    made = FakeClient({**PLAN, "file": "/etc/floodwall.toml", "trouble": ""})
    monkeypatch.setattr(module, "Client", lambda: made)
    return made


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A settings file."""
    made = tmp_path / "new.toml"
    made.write_text("[arming]\nhold_s = 9\n")
    return made


@pytest.fixture
def guards(monkeypatch: pytest.MonkeyPatch, client: FakeClient) -> list[tuple[int, list[str]]]:
    """Remember each guard, and what had been asked when it was started."""
    made: list[tuple[int, list[str]]] = []

    def start(deadline_ns: int) -> int:
        made.append((deadline_ns, [verb for verb, _ in client.asked]))
        return 4711

    monkeypatch.setattr(module, "start_guard", start)
    return made


def test_a_dry_run_only_asks(client: FakeClient, file: Path) -> None:
    """And prints the answer."""
    answer = CliRunner().invoke(main, ["apply", str(file), "--dry-run"])

    assert answer.stdout.splitlines() == [
        f"setting  {PLAN['settings'][0]}",
        f"effect   {PLAN['effects'][0]}",
        "nothing has been changed",
    ]
    assert [verb for verb, _ in client.asked] == ["plan"]


def test_for_good(client: FakeClient, file: Path) -> None:
    """And where it was written to."""
    answer = CliRunner().invoke(main, ["apply", str(file)])

    assert answer.stdout.splitlines()[-1] == "written to /etc/floodwall.toml"
    assert client.asked == [("apply", {"text": file.read_text(), "origin": str(file)})]


def test_a_trial_has_its_guard_first(
    client: FakeClient, file: Path, guards: list[tuple[int, list[str]]]
) -> None:
    """With the same deadline as the daemon."""
    answer = CliRunner().invoke(main, ["apply", str(file), "--confirm", "60s", "--json"])
    ((deadline_ns, before),) = guards

    assert before == ["plan"]
    assert client.asked[-1][1]["deadline_ns"] == deadline_ns
    assert 59e9 < deadline_ns - time.monotonic_ns() <= 60e9
    told = json.loads(answer.stdout)
    assert (told["confirm_s"], told["guard"]) == (60, 4711)


def test_a_refused_trial_needs_no_guard(
    client: FakeClient, file: Path, guards: list[tuple[int, list[str]]]
) -> None:
    """It is refused before."""
    client.refuses = "plan"

    assert CliRunner().invoke(main, ["apply", str(file), "--confirm", "60s"]).exit_code == 2
    assert guards == []


@pytest.mark.parametrize("span", ["0.5s", "2d", "soon"])
def test_a_trial_has_bounds(file: Path, guards: list[tuple[int, list[str]]], span: str) -> None:
    """Long enough to say yes, over by tomorrow."""
    assert CliRunner().invoke(main, ["apply", str(file), "--confirm", span]).exit_code == 2
    assert guards == []


def test_mistakes_are_told_with_their_line(client: FakeClient, file: Path) -> None:
    """Without asking anybody."""
    file.write_text("[arming]\nhold = 9\n")
    answer = CliRunner().invoke(main, ["apply", str(file)])

    assert answer.exit_code == 2
    assert f"{file}:2: arming.hold: unknown key" in answer.stderr
    assert client.asked == []


def test_nothing_to_do_is_said(
    client: FakeClient, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file says what holds."""
    empty = {"settings": [], "effects": [], "file": "", "trouble": ""}
    monkeypatch.setattr(client, "ask", lambda *_, **__: empty)

    said = CliRunner().invoke(main, ["apply", str(file), "--dry-run"]).stdout
    assert said.startswith("nothing differs from what holds\n")
