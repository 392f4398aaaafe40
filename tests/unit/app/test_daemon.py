"""How a daemon starts, or does not."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import cast

import pytest

from floodwall.app import daemon as module
from floodwall.app.configure import Sources
from floodwall.app.report import JsonReporter
from floodwall.core.errors import ConfigError, KernelError
from floodwall.core.settings import Settings
from floodwall.kernel import rtnetlink
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.probe import Features
from floodwall.kernel.rtnetlink import Interface

LO = Interface(1, "lo", 65536, b"", "", up=True, loopback=True)
ETH0 = Interface(2, "eth0", 1500, b"", "", up=True, loopback=False)


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

    def fail(*_: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(module, "find_footing", lambda *_, **_more: object())
    monkeypatch.setattr(module, stage, fail)
    directory = FakeDirectory(*links)
    with pytest.raises(type(error)):
        module.open_defence(cast("StateDirectory", directory), Settings(), cast("Features", None))

    assert directory.removed is not bool(links)


def test_what_is_not_there_yet_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An interface, as at boot; it is told once what for."""
    looks = [[LO], [LO], [LO], [LO, ETH0]]
    slept: list[float] = []
    monkeypatch.setattr(rtnetlink, "links", lambda: looks[len(slept)])
    settings = module.await_interfaces(Sources(None, ("eth0",)), JsonReporter(), slept.append)

    assert settings.attach.interfaces == ("eth0",)
    assert len(slept) == 3
    assert capsys.readouterr().out.count("waits: there is no interface eth0") == 1


def test_a_default_route_is_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says which interface is meant, where none is named."""
    routes: list[rtnetlink.Gateway] = []
    monkeypatch.setattr(rtnetlink, "links", lambda: [LO, ETH0])
    monkeypatch.setattr(rtnetlink, "routes", lambda: routes)

    def sleep(_: float) -> None:
        routes.append(rtnetlink.Gateway(2, 2, None, default=True, metric=0, table=254))

    module.await_interfaces(Sources(), JsonReporter(), sleep)
    assert "waits: there is no default route" in capsys.readouterr().out


def test_wrong_settings_are_not_waited_for(tmp_path: Path) -> None:
    """They do not get better by themselves."""
    file = tmp_path / "floodwall.toml"
    file.write_text("[arming]\nhold_s = -1\n")

    with pytest.raises(ConfigError, match="hold_s"):
        module.await_interfaces(Sources(file), JsonReporter())
