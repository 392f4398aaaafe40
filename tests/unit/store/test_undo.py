"""What must become again what it was."""

import json
from pathlib import Path

from floodwall.store.undo import Change, UndoLedger

NAME = "net.ipv4.tcp_syncookies"
OTHER = "net.core.somaxconn"


def test_changes_outlive_the_process(tmp_path: Path) -> None:
    """Another ledger over the same directory knows them."""
    UndoLedger(tmp_path).remember(NAME, "0", "1", "attack")

    assert UndoLedger(tmp_path).changes() == (Change(NAME, "0", "1", "attack"),)


def test_the_first_value_counts(tmp_path: Path) -> None:
    """However often it is changed, there is one way back for each layer."""
    ledger = UndoLedger(tmp_path)
    ledger.add(Change(NAME, "0", "1"))
    ledger.add(Change(NAME, "1", "2"))
    ledger.add(Change(NAME, "2", "3", "attack"))
    ledger.add(Change(NAME, "3", "4", "attack"))

    assert ledger.changes() == (Change(NAME, "0", "2"), Change(NAME, "2", "4", "attack"))


def test_an_undone_change_is_forgotten(tmp_path: Path) -> None:
    """Others stay."""
    ledger = UndoLedger(tmp_path)
    ledger.add(Change(NAME, "0", "1"))
    ledger.add(Change(OTHER, "128", "4096"))
    ledger.remove(NAME)

    assert [change.name for change in ledger.changes()] == [OTHER]


def test_a_layer_below_gives_its_way_back_to_the_next(tmp_path: Path) -> None:
    """What lies upon it leads to where it came from."""
    ledger = UndoLedger(tmp_path)
    ledger.add(Change(NAME, "0", "1"))
    ledger.add(Change(OTHER, "128", "4096"))
    ledger.add(Change(NAME, "1", "2", "attack"))
    ledger.remove(NAME)

    assert ledger.changes() == (Change(OTHER, "128", "4096"), Change(NAME, "0", "2", "attack"))


def test_an_older_or_damaged_entry_hides_no_other(tmp_path: Path) -> None:
    """A version without layers wrote none; what cannot be read is left out."""
    entries = [{"name": NAME, "before": "0", "after": "1"}, {"name": 7}, 3, {"name": OTHER}]
    (tmp_path / "undo.json").write_text(json.dumps(entries))

    assert UndoLedger(tmp_path).changes() == (Change(NAME, "0", "1"),)
