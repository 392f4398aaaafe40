"""Taking half-open connections out of queues."""

from dataclasses import replace
from typing import Any

import pytest

from floodwall.act.half_open import destroy_half_open
from floodwall.core.commands import DestroyHalfOpen
from floodwall.kernel import sockdiag
from tests.support.playbook import half_open
from tests.unit.sense.test_half_open import entry


def test_what_the_kernel_destroyed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Entries that had gone by themselves do not count."""
    given: list[Any] = []

    def destroy(handles: list[Any]) -> int:
        given.extend(handles)
        return 1

    monkeypatch.setattr(sockdiag, "destroy", destroy)
    rows = [entry("203.0.113.1"), entry("203.0.113.2")]
    entries = tuple(replace(half_open("203.0.113.1"), handle=row) for row in rows)
    told = destroy_half_open(DestroyHalfOpen("*:80 nginx", entries))

    assert told == "destroyed 1 half-open entries of *:80 nginx"
    assert given == rows
