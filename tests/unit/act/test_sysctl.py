"""Sysctls that are put back."""

from pathlib import Path

import pytest

from floodwall.act.sysctl import ATTACK, SYNCOOKIES, restore_sysctl, restore_sysctls, set_sysctl
from floodwall.core.errors import KernelError
from floodwall.kernel import sysctl
from floodwall.store.undo import Change, UndoLedger

MEMORY = "net.ipv4.tcp_rmem"


@pytest.fixture
def values(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Stand in for /proc/sys."""
    held = {SYNCOOKIES: "0", MEMORY: "4096\t131072\t6291456"}
    monkeypatch.setattr(sysctl, "read", held.__getitem__)
    monkeypatch.setattr(sysctl, "write", held.__setitem__)
    return held


@pytest.fixture
def ledger(tmp_path: Path) -> UndoLedger:
    """Return an empty ledger."""
    return UndoLedger(tmp_path)


def refuse(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the kernel take no value any more."""

    def write(name: str, _value: str) -> None:
        raise KernelError(f"write sysctl {name}: Read-only file system")

    monkeypatch.setattr(sysctl, "write", write)


def test_the_old_value_is_remembered_first(
    values: dict[str, str], ledger: UndoLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that it can be put back whatever happens next."""
    known: list[tuple[Change, ...]] = []

    def write(name: str, value: str) -> None:
        known.append(ledger.changes())
        values[name] = value

    monkeypatch.setattr(sysctl, "write", write)
    told = set_sysctl(SYNCOOKIES, "1", ledger)

    assert known == [(Change(SYNCOOKIES, "0", "1"),)]
    assert values[SYNCOOKIES] == "1"
    assert told == f"set {SYNCOOKIES} to 1 (it was 0); put back when Floodwall ends"


def test_a_right_value_is_not_touched(values: dict[str, str], ledger: UndoLedger) -> None:
    """Nor remembered: there is nothing to undo, whatever stands between the numbers."""
    values[SYNCOOKIES] = "1"

    assert set_sysctl(SYNCOOKIES, "1", ledger) is None
    assert set_sysctl(MEMORY, "4096 131072 6291456", ledger) is None
    assert ledger.changes() == ()


def test_it_becomes_what_it_was(values: dict[str, str], ledger: UndoLedger) -> None:
    """And the undo is done with."""
    set_sysctl(SYNCOOKIES, "1", ledger)
    told = list(restore_sysctls(ledger))

    assert values[SYNCOOKIES] == "0"
    assert ledger.changes() == ()
    assert told == [f"put {SYNCOOKIES} back to 0"]


def test_an_attack_lies_upon_what_the_daemon_needs(
    values: dict[str, str], ledger: UndoLedger
) -> None:
    """After it the daemon's value is back, after the daemon the operator's."""
    set_sysctl(SYNCOOKIES, "1", ledger)
    set_sysctl(SYNCOOKIES, "2", ledger, ATTACK)
    set_sysctl(SYNCOOKIES, "3", ledger, ATTACK)

    assert restore_sysctl(SYNCOOKIES, ledger) == f"put {SYNCOOKIES} back to 1"
    assert restore_sysctl(SYNCOOKIES, ledger) is None
    assert list(restore_sysctls(ledger)) == [f"put {SYNCOOKIES} back to 0"]
    assert values[SYNCOOKIES] == "0"


def test_layers_can_be_put_back_all_at_once(values: dict[str, str], ledger: UndoLedger) -> None:
    """The newest first, also one layer alone, also the lower before the upper."""
    set_sysctl(SYNCOOKIES, "1", ledger)
    set_sysctl(SYNCOOKIES, "2", ledger, ATTACK)
    set_sysctl(MEMORY, "1 2 3", ledger)
    assert list(restore_sysctls(ledger, ATTACK)) == [f"put {SYNCOOKIES} back to 1"]

    set_sysctl(SYNCOOKIES, "2", ledger, ATTACK)
    assert restore_sysctl(SYNCOOKIES, ledger, "") == f"{SYNCOOKIES} stays: changed again since"
    assert values[SYNCOOKIES] == "2"
    assert len(list(restore_sysctls(ledger))) == 2
    assert values == {SYNCOOKIES: "0", MEMORY: "4096\t131072\t6291456"}


def test_what_somebody_else_set_is_theirs(values: dict[str, str], ledger: UndoLedger) -> None:
    """Only our own value is put back."""
    set_sysctl(SYNCOOKIES, "1", ledger)
    values[SYNCOOKIES] = "2"
    told = list(restore_sysctls(ledger))

    assert values[SYNCOOKIES] == "2"
    assert ledger.changes() == ()
    assert told == [f"left {SYNCOOKIES} at 2: somebody else has set it since"]


def test_a_rounded_value_is_recognized(
    values: dict[str, str], ledger: UndoLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the kernel made of ours is ours."""
    monkeypatch.setattr(sysctl, "write", lambda name, _: values.__setitem__(name, "8"))
    set_sysctl(SYNCOOKIES, "9", ledger)
    monkeypatch.setattr(sysctl, "write", values.__setitem__)

    assert list(restore_sysctls(ledger)) == [f"put {SYNCOOKIES} back to 0"]


def test_a_failed_change_leaves_no_undo(
    values: dict[str, str], ledger: UndoLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """But the undo of an earlier one stays as it was."""
    set_sysctl(SYNCOOKIES, "1", ledger, ATTACK)
    refuse(monkeypatch)
    for name in (SYNCOOKIES, MEMORY):
        with pytest.raises(KernelError):
            set_sysctl(name, "2", ledger, ATTACK)

    assert ledger.changes() == (Change(SYNCOOKIES, "0", "1", ATTACK),)
    assert values[SYNCOOKIES] == "1"


def test_a_failed_undo_is_kept(
    values: dict[str, str], ledger: UndoLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, may be tried again, and what lies below it waits."""
    set_sysctl(SYNCOOKIES, "1", ledger)
    set_sysctl(SYNCOOKIES, "2", ledger, ATTACK)
    before = ledger.changes()
    refuse(monkeypatch)
    (told,) = restore_sysctls(ledger)

    assert told.startswith(f"could not put {SYNCOOKIES} back to 1: ")
    assert ledger.changes() == before
    assert values[SYNCOOKIES] == "2"
