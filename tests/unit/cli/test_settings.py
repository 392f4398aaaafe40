"""`floodwall settings`."""

import json
from pathlib import Path

from click.testing import CliRunner

from floodwall.cli.main import main
from floodwall.core import settings_reference as reference
from floodwall.core.settings import Settings
from floodwall.core.settings_file import parse_settings


def say(*words: str) -> str:
    """Run it and return what it prints."""
    return CliRunner().invoke(main, ["settings", *words]).stdout


def test_the_reference_comes_in_three_forms() -> None:
    """All from the declarations."""
    assert say() == reference.as_text()
    assert json.loads(say("--json")) == json.loads(reference.as_json())
    assert parse_settings(say("--toml"), "printed") == Settings()


def test_a_file_is_checked(tmp_path: Path) -> None:
    """Without starting anything."""
    file = tmp_path / "floodwall.toml"
    file.write_text("[arming]\nhold_s = 7\n")
    assert say("--check", str(file)) == f"{file}: right\n"

    file.write_text("[arming]\nhold = 7\n")
    answer = CliRunner().invoke(main, ["settings", "--check", str(file)])
    assert answer.exit_code == 2
    assert f"{file}:2: arming.hold: unknown key" in answer.stderr
