"""Where the console listens, and what it is before anybody asks."""

from __future__ import annotations

from pathlib import Path

import pytest

from floodwall.console.web.server import Place, Server, listen
from floodwall.core.errors import ConfigError
from tests.support.web_console import console


def test_a_place_that_is_taken_is_told(tmp_path: Path) -> None:
    """With the way out."""
    with console(tmp_path) as site, pytest.raises(ConfigError, match="cannot listen") as told:
        listen(Place("127.0.0.1", site.port, site.tokens))
    assert "--listen" in told.value.hint


def test_a_certificate_that_is_none_is_told(tmp_path: Path) -> None:
    """Before any power is given up, and before anybody is answered."""
    broken = tmp_path / "web.pem"
    broken.write_text("nothing")
    place = Place("127.0.0.1", 0, tmp_path, certificate=broken, key=broken)
    with listen(place) as listener, pytest.raises(ConfigError, match="cannot use"):
        Server(place, listener)


def test_ipv6_is_listened_on(tmp_path: Path) -> None:
    """Loopback of either family."""
    with listen(Place("::1", 0, tmp_path)) as listener:
        assert listener.getsockname()[0] == "::1"
