"""What the lab needs."""

import os

import pytest

from floodwall.core.errors import NotSupported
from floodwall.lab.prerequisites import require


def test_without_root_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit code 3."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(NotSupported, match="needs root") as caught:
        require()

    assert caught.value.exit_code == 3


def test_all_missing_tools_are_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """With the packages that bring them, each once."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(NotSupported, match="nginx, nsenter, unshare") as caught:
        require()

    assert caught.value.hint == "apt install ethtool iproute2 nginx-light util-linux"
