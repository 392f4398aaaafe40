"""The record of this network namespace, for whoever asks."""

from pathlib import Path

import pytest

from floodwall.app import past as module
from floodwall.app.past import open_past
from floodwall.core.errors import ConfigError
from floodwall.store.place import point_to
from tests.support.records import Diary


def test_it_is_found_by_the_pointer_of_the_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Or it is the one that was named."""
    run = tmp_path / "1a"
    run.mkdir()
    monkeypatch.setattr(module, "run_directory", lambda: run)
    diary = Diary(tmp_path / "record")
    diary.recorder.tell(0, ["a note"])
    diary.second(1)
    diary.flush()
    with open_past(tmp_path / "record" / "record.db") as history:
        assert [event.text for event in history.events()] == ["a note"]
    point_to(run, tmp_path / "record")
    with open_past() as history:
        assert [event.text for event in history.events()] == ["a note"]


def test_where_nothing_is_that_is_said(tmp_path: Path) -> None:
    """With the way to a record."""
    with (
        pytest.raises(ConfigError, match="nothing is on record") as caught,
        open_past(tmp_path / "none.db"),
    ):
        pass
    assert "floodwall run" in caught.value.hint
