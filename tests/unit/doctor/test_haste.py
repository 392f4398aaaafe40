"""An examination goes first, and only for as long as it takes."""

import os

import pytest

from floodwall.doctor.haste import NICENESS, haste


def niceness() -> int:
    """Return that of this thread."""
    return os.getpriority(os.PRIO_PROCESS, 0)


def test_it_goes_first_while_it_looks_and_not_after() -> None:
    """Where it may; where it may not, nothing changes."""
    before = niceness()
    with haste():
        assert niceness() == (min(before, NICENESS) if os.geteuid() == 0 else before)
    assert niceness() == before


def test_an_error_ends_it_too() -> None:
    """And is told as what it is."""
    before = niceness()
    with pytest.raises(KeyError), haste():
        raise KeyError
    assert niceness() == before


def test_without_the_privilege_it_takes_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """No error, and nothing to put back but what it was."""
    asked: list[int] = []

    def refuse(_which: int, _who: int, wanted: int) -> None:
        asked.append(wanted)
        if wanted < 0:
            raise PermissionError

    monkeypatch.setattr(os, "setpriority", refuse)
    monkeypatch.setattr(os, "getpriority", lambda *_: 3)
    with haste():
        pass
    assert asked == [NICENESS, 3]
