"""One console for the tests of its routes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.web_console import Site, console


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Run a console over a fake daemon."""
    folder: Path = tmp_path_factory.mktemp("console")
    with console(folder) as running:
        yield running
