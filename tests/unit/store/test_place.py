"""Where the record is."""

from pathlib import Path

import pytest

from floodwall.store.place import directory_of, find_record, point_to, usual_directory


def test_it_is_named_by_the_namespace(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Below /var/lib, or where systemd says; a setting goes before both."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert usual_directory("1a") == Path("/var/lib/floodwall/1a")
    monkeypatch.setenv("STATE_DIRECTORY", f"{tmp_path}:/other")
    assert directory_of(Path("/run/floodwall/1a"), "") == tmp_path / "1a"
    assert directory_of(Path("/run/floodwall/1a"), "/srv/record") == Path("/srv/record")


def test_the_pointer_of_a_daemon_is_followed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without one, or with a damaged one, the usual place is looked at."""
    monkeypatch.setenv("STATE_DIRECTORY", "/state")
    run = tmp_path / "1a"
    run.mkdir()
    assert find_record(run) == Path("/state/1a/record.db")
    point_to(run, Path("/srv/record"))
    assert find_record(run) == Path("/srv/record/record.db")
    (run / "record.json").write_text("[1, 2]")
    assert find_record(run) == Path("/state/1a/record.db")
    (run / "record.json").write_text("{")
    assert find_record(run) == Path("/state/1a/record.db")
