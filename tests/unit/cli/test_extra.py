"""Verbs that need packages."""

from __future__ import annotations

import pytest

from floodwall.cli.extra import require_extra
from floodwall.core.errors import NotSupported


def test_what_is_missing_is_named() -> None:
    """Exit code 3, and how to get it."""
    require_extra("json")
    with pytest.raises(NotSupported, match="not installed: no_such_package") as told:
        require_extra("json", "no_such_package")
    assert "floodwall[console]" in told.value.hint
    assert told.value.exit_code == 3
