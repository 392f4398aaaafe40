"""Fixtures of the data plane's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.bout import Bout
from tests.support.household import Household, weak_household
from tests.support.stage import Stage, set_stage


@pytest.fixture(scope="module")
def stage() -> Iterator[Stage]:
    """Return a namespace with real sockets and the program loaded, for a module's tests."""
    with set_stage() as made:
        yield made


@pytest.fixture
def bout(stage: Stage) -> Iterator[Bout]:
    """Return dealings from a fresh beginning; all memory is compared when the test is done."""
    begun = Bout(stage)
    yield begun
    begun.check()


@pytest.fixture
def home() -> Iterator[Household]:
    """Return a server without SYN cookies, whose listener a hundred SYNs would silence."""
    with weak_household() as made:
        yield made
