"""`floodwall analyze --replay`: what cannot be replayed is refused in words."""

from __future__ import annotations

import pytest

from floodwall.cli.replaying import replayed
from floodwall.core.errors import ConfigError


def test_the_standard_input_cannot_be_read_twice() -> None:
    """A replay looks at its captures two times."""
    with pytest.raises(ConfigError, match="twice"):
        replayed(("-",), None, 511)
