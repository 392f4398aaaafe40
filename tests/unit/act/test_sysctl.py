"""Sysctls that are put back."""

import pytest

from floodwall.act.sysctl import SYNCOOKIES, restore_sysctls, set_sysctl
from floodwall.core.errors import KernelError
from floodwall.kernel import sysctl
from floodwall.store.undo import Change


@pytest.fixture
def values(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Stand in for /proc/sys."""
    held = {SYNCOOKIES: "0"}
    monkeypatch.setattr(sysctl, "read", held.__getitem__)
    monkeypatch.setattr(sysctl, "write", held.__setitem__)
    return held


def test_the_old_value_is_remembered_first(values: dict[str, str]) -> None:
    """So that it can be put back whatever happens next."""
    remembered: list[tuple[str, str, str, str]] = []
    told = set_sysctl(
        SYNCOOKIES, "1", lambda name, old, new: remembered.append((name, old, new, values[name]))
    )

    assert remembered == [(SYNCOOKIES, "0", "1", "0")]
    assert values[SYNCOOKIES] == "1"
    assert told == f"set {SYNCOOKIES} to 1 (it was 0); put back when Floodwall ends"


def test_a_right_value_is_not_touched(values: dict[str, str]) -> None:
    """Nor remembered: there is nothing to undo."""
    values[SYNCOOKIES] = "1"

    assert set_sysctl(SYNCOOKIES, "1", lambda *_: pytest.fail("remembered")) is None


def test_it_becomes_what_it_was(values: dict[str, str]) -> None:
    """And the undo is done with."""
    values[SYNCOOKIES] = "1"
    forgotten: list[str] = []
    told = list(restore_sysctls((Change(SYNCOOKIES, "0", "1"),), forgotten.append))

    assert values[SYNCOOKIES] == "0"
    assert forgotten == [SYNCOOKIES]
    assert told == [f"put {SYNCOOKIES} back to 0"]


def test_what_somebody_else_set_is_theirs(values: dict[str, str]) -> None:
    """Only our own value is put back."""
    values[SYNCOOKIES] = "2"
    forgotten: list[str] = []
    told = list(restore_sysctls((Change(SYNCOOKIES, "0", "1"),), forgotten.append))

    assert values[SYNCOOKIES] == "2"
    assert forgotten == [SYNCOOKIES]
    assert told == [f"left {SYNCOOKIES} at 2: somebody else has set it since"]


def test_a_failed_undo_is_kept(monkeypatch: pytest.MonkeyPatch, values: dict[str, str]) -> None:
    """It is told, and may be tried again."""

    def write(name: str, _value: str) -> None:
        raise KernelError(f"write sysctl {name}: Read-only file system")

    values[SYNCOOKIES] = "1"
    monkeypatch.setattr(sysctl, "write", write)
    forgotten: list[str] = []
    (told,) = restore_sysctls((Change(SYNCOOKIES, "0", "1"),), forgotten.append)

    assert told.startswith(f"could not put {SYNCOOKIES} back to 0: ")
    assert forgotten == []
