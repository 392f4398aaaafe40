"""The journal."""

from pathlib import Path

from floodwall.store.journal import Journal


def texts(journal: Journal) -> list[str]:
    """Return what was written."""
    return [entry.text for entry in journal.entries()]


def test_sentences_are_kept_in_order(tmp_path: Path) -> None:
    """Whatever characters they have."""
    journal = Journal(tmp_path)
    assert journal.write("one")
    assert journal.write('two "quoted"\nlines \N{SNOWMAN}')

    assert texts(Journal(tmp_path)) == ["one", 'two "quoted"\nlines \N{SNOWMAN}']


def test_a_torn_line_is_left_out(tmp_path: Path) -> None:
    """A crash costs the last line, not the journal."""
    journal = Journal(tmp_path)
    journal.write("whole")
    file = tmp_path / "journal.jsonl"
    file.write_text(f'{file.read_text()}{{"at": "2026-')

    assert texts(journal) == ["whole"]


def test_it_is_bounded(tmp_path: Path) -> None:
    """One file before the present one is kept."""
    journal = Journal(tmp_path, largest_bytes=400)
    for number in range(100):
        journal.write(f"sentence {number}")

    assert sum(each.stat().st_size for each in tmp_path.iterdir()) < 1000
    assert texts(journal)[-1] == "sentence 99"


def test_an_empty_journal_has_no_entries(tmp_path: Path) -> None:
    """Nobody needs to make the file."""
    assert texts(Journal(tmp_path)) == []


def test_a_full_disk_stops_nobody(tmp_path: Path) -> None:
    """The caller is told, and goes on."""
    assert not Journal(tmp_path / "none").write("lost")
