"""`floodwall console`: who may log in, and where it is served."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from floodwall.cli import console as module
from floodwall.cli.main import main
from floodwall.console.web.tokens import find, read_tokens
from floodwall.core.errors import ConfigError


def run(*arguments: str) -> tuple[int, str]:
    """Run the verb."""
    done = CliRunner().invoke(main, ["console", *arguments])
    return done.exit_code, done.output


def test_tokens_are_made_listed_and_removed(tmp_path: Path) -> None:
    """Each is printed once, and never again."""
    file = str(tmp_path / "tokens.json")
    code, text = run("--tokens", file, "--new-token", "anna", "--level", "operate")
    _, told = run("--tokens", file, "--new-token", "wall", "--json")
    _, listed = run("--tokens", file, "--list-tokens")
    _, rows = run("--tokens", file, "--list-tokens", "--json")

    found = find(read_tokens(Path(file)), text.strip())
    assert code == 0
    assert found is not None
    assert (found.name, found.level.value) == ("anna", "operate")
    assert json.loads(told)["name"] == "wall"
    assert text.strip() not in listed
    assert [row["level"] for row in json.loads(rows)] == ["operate", "view"]
    assert run("--tokens", file, "--remove-token", "anna")[0] == 0
    assert run("--tokens", file, "--remove-token", "anna")[0] == 2


@pytest.mark.parametrize(
    "listen", ["0.0.0.0:7380", "192.0.2.1:7380", "[::]:7380", "[2001:db8::1]:7380"]
)
def test_tokens_do_not_cross_a_network_unencrypted(tmp_path: Path, listen: str) -> None:
    """Refused before anything listens."""
    code, text = run("--tokens", str(tmp_path / "t"), "--listen", listen)
    assert code == 2
    assert "unencrypted" in text


@pytest.mark.parametrize(
    "listen", ["here", "localhost:80", "127.0.0.1", "127.0.0.1:x", "::1:99999"]
)
def test_a_place_that_is_none_is_named(tmp_path: Path, listen: str) -> None:
    """With one that would do."""
    assert run("--tokens", str(tmp_path / "t"), "--listen", listen)[0] == 2


def test_a_certificate_needs_its_key(tmp_path: Path) -> None:
    """And the other way round."""
    code, text = run("--tokens", str(tmp_path / "t"), "--key", str(tmp_path / "k"))
    assert code == 2
    assert "belong together" in text


def test_a_place_beyond_this_machine_may_be_encrypted() -> None:
    """IPv6 in brackets, as everywhere."""
    assert module._place("[2001:db8::1]:443", encrypted=True) == ("2001:db8::1", 443)
    with pytest.raises(ConfigError):
        module._place("192.0.2.1:443", encrypted=False)


def test_the_file_of_a_user_is_the_users(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Root's is that of the unit."""
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert module._tokens_file() == Path("/var/lib/floodwall-console/tokens.json")
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    monkeypatch.setenv("STATE_DIRECTORY", "/var/lib/x:/var/lib/y")
    assert module._tokens_file() == Path("/var/lib/x/tokens.json")
    monkeypatch.delenv("STATE_DIRECTORY")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert module._tokens_file() == tmp_path / "floodwall-console" / "tokens.json"


def test_the_first_token_is_shown_only_where_a_human_reads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A journal is read by many."""
    file, url = tmp_path / "tokens.json", "http://127.0.0.1:7380/"
    module._greet(file, url, as_json=False)
    silent = capsys.readouterr().out
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    module._greet(file, url, as_json=False)
    shown = capsys.readouterr().out
    module._greet(file, url, as_json=False)
    again = capsys.readouterr().out

    assert "nobody can log in yet" in silent
    assert "fw_" in shown
    assert "fw_" not in again
    assert find(read_tokens(file), shown.split("token")[1].split()[0]) is not None
