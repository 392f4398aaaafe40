"""Interfaces are kept by their names, whatever becomes of their numbers."""

from __future__ import annotations

from dataclasses import replace
from typing import cast

import pytest

from floodwall.app.interfaces import Interfaces
from floodwall.core.errors import ConfigError
from floodwall.core.settings import AttachMode
from floodwall.kernel import rtnetlink
from floodwall.kernel.attachments import Attachment, XdpMode
from floodwall.kernel.dataplane import DataPlane
from floodwall.kernel.rtnetlink import Interface

ETH0 = Interface(2, "eth0", 1500, b"", "", up=True, loopback=False)
BR0 = Interface(7, "br0", 1500, b"", "bridge", up=True, loopback=False)


class FakePlane:
    """What is attached, and whether the kernel still has it."""

    def __init__(self) -> None:
        self.attachments: dict[int, Attachment] = {}
        self.lost: set[int] = set()

    def attach(self, ifindex: int, *, not_native: str = "") -> Attachment:
        """Attach as asked."""
        refused = (not_native,) if not_native else ()
        made = Attachment(ifindex, XdpMode.NATIVE, handover=True, refused=refused)
        self.attachments[ifindex] = made
        self.lost.discard(ifindex)
        return made

    def detach(self, ifindex: int) -> None:
        """Forget it."""
        self.attachments.pop(ifindex, None)

    def holds(self, ifindex: int) -> bool:
        """Look at what was lost."""
        return ifindex in self.attachments and ifindex not in self.lost


class Street:
    """Interfaces that can be changed, and who keeps to them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.links = [ETH0]
        monkeypatch.setattr(rtnetlink, "links", lambda: self.links)
        self.plane = FakePlane()
        self.kept = Interfaces(cast("DataPlane", self.plane), AttachMode.AUTO)


@pytest.fixture
def street(monkeypatch: pytest.MonkeyPatch) -> Street:
    """A street with eth0 alone."""
    return Street(monkeypatch)


def test_one_that_changed_its_name_stays_protected(street: Street) -> None:
    """It is told once, also when something else already has a number of its own."""
    street.kept.attach(["eth0"])
    street.links = [replace(ETH0, name="wan0"), BR0]

    assert street.kept.follow() == ["eth0 is now called wan0, and stays protected"]
    assert street.kept.follow() == []
    assert street.kept.indexes == {2}
    assert street.kept.trouble == ""


def test_a_new_name_is_remembered(street: Street) -> None:
    """Also when it could not be protected for a while."""
    street.kept.attach(["eth0"])
    for bridge, attached in ((0, {2}), (7, set()), (0, {2})):
        street.links = [replace(ETH0, name="wan0", bridge=bridge), BR0]
        street.kept.follow()
        assert street.kept.indexes == attached


def test_the_name_wins_over_the_number(street: Street) -> None:
    """Who is called as the operator said is meant."""
    street.kept.attach(["eth0"])
    street.links = [replace(ETH0, name="old0"), replace(ETH0, index=9)]

    assert street.kept.follow() == ["attached to eth0 again"]
    assert street.kept.indexes == {9}


@pytest.mark.parametrize("name", ["eth0", "veth7"])
def test_a_number_that_was_given_to_another_protects_nobody(street: Street, name: str) -> None:
    """The links ended with the interface before: it is attached again, or gone."""
    street.kept.attach(["eth0"])
    street.plane.lost = {2}
    street.links = [replace(ETH0, name=name)]
    told = street.kept.follow()

    if name == "eth0":
        assert told == ["attached to eth0 again"]
        assert street.kept.indexes == {2}
    else:
        assert told == ["eth0 is gone: attached again as soon as it is back"]
        assert street.kept.indexes == set()


def test_one_that_is_gone_is_a_trouble_until_it_is_back(street: Street) -> None:
    """Also in the plan."""
    street.kept.attach(["eth0"])
    street.links = [BR0]

    assert street.kept.follow() == ["eth0 is gone: attached again as soon as it is back"]
    assert street.kept.follow() == []
    assert street.kept.trouble == "eth0 is gone: attached again as soon as it is back"
    assert street.kept.trouble in street.kept.plans()[0].rung
    street.links = [replace(ETH0, index=12), BR0]

    assert street.kept.follow() == ["attached to eth0 again"]
    assert street.kept.trouble == ""


def test_the_port_of_a_bridge_is_refused(street: Street) -> None:
    """What is handed to a listener there never reaches it; the bridge is the place."""
    street.links = [replace(ETH0, bridge=7), BR0]

    with pytest.raises(ConfigError, match="eth0 is a port of br0") as raised:
        street.kept.attach(["eth0"])
    assert "--interface br0" in raised.value.hint
    assert street.kept.indexes == set()


def test_one_that_becomes_the_port_of_a_bridge_is_let_go(street: Street) -> None:
    """Its clients would be reset while challenged; and it is told."""
    street.kept.attach(["eth0"])
    street.links = [replace(ETH0, bridge=7), BR0]

    assert street.kept.follow() == ["cannot attach to eth0 again: eth0 is a port of br0"]
    assert street.kept.indexes == set()
    assert "br0" in street.kept.trouble
