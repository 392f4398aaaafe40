"""Files that are whole at every moment."""

from pathlib import Path

import pytest

from floodwall.store.atomic import read_json, write_json, write_text


def test_what_is_written_is_read(tmp_path: Path) -> None:
    """And nothing else is left in the directory."""
    path = tmp_path / "file.json"
    write_json(path, {"a": [1]})
    write_json(path, {"a": [2]})

    assert read_json(path, None) == {"a": [2]}
    assert [each.name for each in tmp_path.iterdir()] == ["file.json"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_failed_write_changes_nothing(tmp_path: Path) -> None:
    """The old value stays, and no scratch file."""
    path = tmp_path / "file.json"
    write_json(path, 1)
    with pytest.raises(TypeError):
        write_json(path, {"a": object()})

    assert read_json(path, None) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["file.json"]


def test_a_missing_file_is_the_default(tmp_path: Path) -> None:
    """Nothing was ever written."""
    assert read_json(tmp_path / "file.json", "default") == "default"


@pytest.mark.parametrize("content", [b"", b"{", b'{"a": 1', b"\xff\xfe", b"\0" * 100])
def test_a_damaged_file_is_set_aside(tmp_path: Path, content: bytes) -> None:
    """Nobody loops over it, and it can still be looked at."""
    path = tmp_path / "file.json"
    path.write_bytes(content)

    assert read_json(path, "default") == "default"
    assert (tmp_path / "file.json.damaged").read_bytes() == content
    assert not path.exists()


def test_a_text_keeps_owner_and_mode(tmp_path: Path) -> None:
    """It is replaced at once, also behind a link."""
    real, link = tmp_path / "real.toml", tmp_path / "link.toml"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    write_text(link, "new")

    assert link.is_symlink()
    assert real.read_text() == "new"
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.toml", "real.toml"]


def test_a_new_text_is_for_its_owner_alone(tmp_path: Path) -> None:
    """And one that cannot be written leaves the old one."""
    write_text(tmp_path / "new.toml", "text")
    assert (tmp_path / "new.toml").stat().st_mode & 0o777 == 0o600
    with pytest.raises(OSError, match="No such file"):
        write_text(tmp_path / "none" / "new.toml", "text")
