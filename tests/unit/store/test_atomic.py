"""Files that are whole at every moment."""

from pathlib import Path

import pytest

from floodwall.store.atomic import read_json, write_json


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
