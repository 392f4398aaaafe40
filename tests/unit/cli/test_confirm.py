"""`floodwall confirm`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Self

import pytest
from click.testing import CliRunner

from floodwall.cli import confirm as module
from floodwall.cli.main import main


class FakeClient:
    """A daemon that confirms, and cannot write to `file`."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.asked: list[str] = []

    def ask(self, verb: str) -> dict[str, Any]:
        """Confirm, or take back."""
        self.asked.append(verb)
        return {"text": "new", "file": str(self.file), "trouble": "Read-only file system"}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    """Put a daemon in place."""
    made = FakeClient(tmp_path / "floodwall.toml")
    monkeypatch.setattr(module, "Client", lambda: made)
    return made


def test_what_is_confirmed_is_written(client: FakeClient) -> None:
    """By us, where the daemon cannot."""
    answer = CliRunner().invoke(main, ["confirm"])

    assert answer.stdout == f"confirmed, written to {client.file}\n"
    assert client.file.read_text() == "new"
    assert client.asked == ["confirm"]


def test_a_trial_can_be_rejected(client: FakeClient) -> None:
    """Nothing is written."""
    assert CliRunner().invoke(main, ["confirm", "--reject"]).stdout == "taken back\n"
    assert client.asked == ["reject"]
    assert not client.file.exists()


def test_programs_get_json(client: FakeClient) -> None:
    """With the file, and no trouble if we could help."""
    told = json.loads(CliRunner().invoke(main, ["confirm", "--json"]).stdout)
    assert told["file"] == str(client.file)
    assert told["trouble"] == ""
