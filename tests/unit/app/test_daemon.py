"""A daemon that cannot start leaves what it found."""

from __future__ import annotations

import errno
from typing import cast

import pytest

from floodwall.app import daemon as module
from floodwall.core.errors import KernelError
from floodwall.core.settings import Settings
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.probe import Features


class FakeDirectory:
    """Pins and runtime files, of which only their end is of interest."""

    def __init__(self, *links: str) -> None:
        self.links = list(links)
        self.removed = False

    def pinned(self, prefix: str) -> list[str]:
        """Name what an earlier daemon left attached."""
        return [link for link in self.links if link.startswith(prefix)]

    def remove(self) -> None:
        """Take away what is left."""
        self.removed = True


@pytest.mark.parametrize(
    "error", [OSError(errno.EMFILE, "Too many open files"), KernelError("refused")]
)
@pytest.mark.parametrize("stage", ["find_footing", "begin"])
@pytest.mark.parametrize("links", [(), ("link_xdp_2",)])
def test_what_failed_to_start_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, error: Exception, stage: str, links: tuple[str, ...]
) -> None:
    """Whoever refused, and whether in our words or in Python's; what still protects stays."""

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(module, "find_footing", lambda *_: object())
    monkeypatch.setattr(module, stage, fail)
    directory = FakeDirectory(*links)
    with pytest.raises(type(error)):
        module.open_defence(cast("StateDirectory", directory), Settings(), cast("Features", None))

    assert directory.removed is not bool(links)
