"""A rehearsal is remembered where the audit looks for it."""

import json
from pathlib import Path

import pytest

from floodwall.audit.archive import Archive
from floodwall.audit.reader import REHEARSAL, read_facts
from floodwall.store.place import usual_directory
from floodwall.store.rehearsal import note_rehearsal


def test_the_audit_reads_what_the_lab_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also without root."""
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "new"))
    assert note_rehearsal(2, met=True)
    file = tmp_path / "new" / Path(REHEARSAL).name
    assert file.stat().st_mode & 0o777 == 0o644
    stored = json.loads(file.read_text())
    assert (stored["scenarios"], stored["met"]) == (2, True)
    facts = read_facts(Archive({REHEARSAL: file.read_text()}))
    assert facts.site.rehearsed == stored["at"]


def test_both_mean_the_same_place(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where nothing else is set."""
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    assert usual_directory("") / "rehearsal.json" == Path(REHEARSAL)


def test_a_disk_that_takes_nothing_spoils_no_rehearsal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told by the return value alone."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "file"))
    assert not note_rehearsal(2, met=True)
