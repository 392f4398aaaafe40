"""`floodwall confirm`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from floodwall.cli import confirm as module
from floodwall.cli.main import main
from tests.support.fake_client import FakeClient


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Where the settings belong; the daemon cannot write there."""
    return tmp_path / "floodwall.toml"


@pytest.fixture
def client(file: Path, monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    """Put a daemon in place."""
    answer = {"text": "new", "file": str(file), "trouble": "Read-only file system"}
    made = FakeClient(answer)
    monkeypatch.setattr(module, "Client", lambda: made)
    return made


def test_what_is_confirmed_is_written(client: FakeClient, file: Path) -> None:
    """By us, where the daemon cannot."""
    answer = CliRunner().invoke(main, ["confirm"])

    assert answer.stdout == f"confirmed, written to {file}\n"
    assert file.read_text() == "new"
    assert client.verbs == ["confirm"]


def test_a_trial_can_be_rejected(client: FakeClient, file: Path) -> None:
    """Nothing is written."""
    assert CliRunner().invoke(main, ["confirm", "--reject"]).stdout == "taken back\n"
    assert client.verbs == ["reject"]
    assert not file.exists()


@pytest.mark.usefixtures("client")
def test_programs_get_json(file: Path) -> None:
    """With the file, and no trouble if we could help."""
    told = json.loads(CliRunner().invoke(main, ["confirm", "--json"]).stdout)
    assert told["file"] == str(file)
    assert told["trouble"] == ""
