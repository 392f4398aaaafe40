"""Who may log in."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from floodwall.console.web.tokens import (
    TOKENS_MAX,
    Level,
    added,
    find,
    make_token,
    read_tokens,
    removed,
    write_tokens,
)
from floodwall.core.errors import ConfigError

DAY = "2026-11-21"


def test_a_token_is_found_by_its_text_and_kept_as_a_hash(tmp_path: Path) -> None:
    """Nothing in the file lets anybody in."""
    token, text = make_token("anna", Level.OPERATE, DAY)
    other, _ = make_token("eve", Level.VIEW, DAY)
    file = tmp_path / "deep" / "tokens.json"

    write_tokens(file, [token, other])

    assert find(read_tokens(file), text) == token
    assert find(read_tokens(file), text[:-1]) is None
    assert find(read_tokens(file), token.sha256) is None
    assert text not in file.read_text()
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """As ssh refuses a private key."""
    file = tmp_path / "tokens.json"
    write_tokens(file, [])
    file.chmod(0o640)
    with pytest.raises(ConfigError, match="others may read"):
        read_tokens(file)


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"version": 9, "tokens": []}', "\xff" * 9])
def test_a_damaged_file_is_told(tmp_path: Path, text: str) -> None:
    """And lets nobody in."""
    file = tmp_path / "tokens.json"
    file.write_text(text, encoding="latin-1")
    file.chmod(0o600)
    with pytest.raises(ConfigError):
        read_tokens(file)


def test_a_link_or_a_pipe_is_no_file(tmp_path: Path) -> None:
    """Nobody waits for either."""
    file, pipe = tmp_path / "link", tmp_path / "pipe"
    file.symlink_to(tmp_path / "there")
    os.mkfifo(pipe, 0o600)
    for path in (file, pipe):
        with pytest.raises(ConfigError):
            read_tokens(path)
    assert read_tokens(tmp_path / "none") == ()


def test_names_are_plain_and_single(tmp_path: Path) -> None:
    """They go into decisions."""
    token, _ = make_token("anna", Level.VIEW, DAY)
    with pytest.raises(ConfigError, match="has a token already"):
        added((token,), token)
    assert removed((token,), "anna") == ()
    with pytest.raises(ConfigError, match="nobody called"):
        removed((), "anna")
    for name in ("", "a b", "x" * 33, "a\n", "-x", "<b>"):
        with pytest.raises(ConfigError, match="no name"):
            make_token(name, Level.VIEW, DAY)
    many = tuple(make_token(f"n{n}", Level.VIEW, DAY)[0] for n in range(TOKENS_MAX))
    with pytest.raises(ConfigError, match="already"):
        added(many, token)
    with pytest.raises(ConfigError, match="cannot write"):
        write_tokens(tmp_path / ("x" * 300), [])


def test_levels() -> None:
    """Whoever may operate may look."""
    assert Level.OPERATE.allows(Level.VIEW)
    assert not Level.VIEW.allows(Level.OPERATE)
