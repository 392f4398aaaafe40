"""What must become again what it was."""

from pathlib import Path

from floodwall.store.undo import Change, UndoLedger

NAME = "net.ipv4.tcp_syncookies"


def test_changes_outlive_the_process(tmp_path: Path) -> None:
    """Another ledger over the same directory knows them."""
    UndoLedger(tmp_path).add(Change(NAME, "0", "1"))

    assert UndoLedger(tmp_path).changes() == (Change(NAME, "0", "1"),)


def test_the_first_value_counts(tmp_path: Path) -> None:
    """However often it is changed, there is one way back."""
    ledger = UndoLedger(tmp_path)
    ledger.add(Change(NAME, "0", "1"))
    ledger.add(Change(NAME, "1", "2"))

    assert ledger.changes() == (Change(NAME, "0", "2"),)


def test_an_undone_change_is_forgotten(tmp_path: Path) -> None:
    """Others stay."""
    ledger = UndoLedger(tmp_path)
    ledger.add(Change(NAME, "0", "1"))
    ledger.add(Change("net.core.somaxconn", "128", "4096"))
    ledger.remove(NAME)

    assert [change.name for change in ledger.changes()] == ["net.core.somaxconn"]
