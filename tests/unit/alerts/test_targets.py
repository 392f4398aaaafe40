"""How the file of targets must be kept."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from floodwall.alerts.targets import place_of, read_targets
from floodwall.core.errors import ConfigError

NOWHERE = Path("/nonexistent")
TEXT = '[ops]\nurl = "ntfys://example.org/topic"\n'


def kept(folder: Path, mode: int = 0o600, text: str = TEXT) -> str:
    """Write a file of targets."""
    file = folder / "alerts"
    file.write_text(text)
    file.chmod(mode)
    return str(file)


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    """Mode 0600 or less."""
    assert list(read_targets(kept(tmp_path), NOWHERE)) == ["ops"]
    assert list(read_targets(kept(tmp_path, 0o400), NOWHERE)) == ["ops"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o666])
def test_a_file_that_others_may_use_is_refused(tmp_path: Path, mode: int) -> None:
    """As ssh refuses such a key."""
    with pytest.raises(ConfigError, match="others may read or write"):
        read_targets(kept(tmp_path, mode), NOWHERE)


def test_a_credential_of_the_unit_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Systemd lets the unit's user read it by an ACL, which looks like group read."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    kept(tmp_path, 0o440)
    assert list(read_targets("alerts", NOWHERE)) == ["ops"]
    kept(tmp_path, 0o444)
    with pytest.raises(ConfigError, match="others may read"):
        read_targets("alerts", NOWHERE)


def test_without_credentials_a_bare_name_stands_beside_the_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that `alerts test` by hand reads what the unit is given; never the working directory."""
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    assert place_of("alerts", tmp_path) == tmp_path / "alerts"
    kept(tmp_path, 0o440)
    with pytest.raises(ConfigError, match="others may read"):
        read_targets("alerts", tmp_path)
    kept(tmp_path)
    assert list(read_targets("alerts", tmp_path)) == ["ops"]


def test_what_cannot_be_a_file_of_targets_is_refused(tmp_path: Path) -> None:
    """None, a pipe, nonsense, too much."""
    for name, why in [
        ("", "not set"),
        (str(tmp_path / "gone"), "No such file"),
        (str(tmp_path), "Is a directory|not a regular file"),
    ]:
        with pytest.raises(ConfigError, match=why):
            read_targets(name, NOWHERE)
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(ConfigError, match="not a regular file"):
        read_targets(str(tmp_path / "pipe"), NOWHERE)
    with pytest.raises(ConfigError, match="larger than 64 KiB"):
        read_targets(kept(tmp_path, text="#" * 70_000), NOWHERE)
    Path(kept(tmp_path)).write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        read_targets(str(tmp_path / "alerts"), NOWHERE)
