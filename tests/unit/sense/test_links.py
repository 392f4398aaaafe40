"""What interfaces carry."""

import pytest

from floodwall.core.model import SECOND_NS
from floodwall.core.signs import LinkLoad
from floodwall.kernel import rtnetlink
from floodwall.kernel.rtnetlink import Interface, Traffic
from floodwall.sense import links
from floodwall.sense.links import LinkSensor

GIGABIT = 10**9


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the machine three interfaces of which two are protected; return who was asked."""
    names: list[str] = []

    def speed(name: str) -> int:
        names.append(name)
        return GIGABIT

    made = [
        Interface(
            2, "eth0", 1500, b"", "", up=True, loopback=False, traffic=Traffic(5, 600, 70, 8)
        ),
        Interface(3, "veth0", 1500, b"", "veth", up=True, loopback=False),
        Interface(4, "eth1", 1500, b"", "", up=True, loopback=False),
    ]
    monkeypatch.setattr(rtnetlink, "links", lambda: made)
    monkeypatch.setattr(links, "link_speed", speed)
    return names


def test_protected_interfaces_are_told(asked: list[str]) -> None:
    """With what they counted and could carry; the speed of veth is made up."""
    found = LinkSensor().read(0, frozenset({2, 3}))

    assert found == (
        LinkLoad("eth0", 2, 600, 70, 5, 8, GIGABIT),
        LinkLoad("veth0", 3, 0, 0, 0, 0, None),
    )
    assert asked == ["eth0"]


def test_speeds_are_asked_for_every_ten_seconds(asked: list[str]) -> None:
    """A driver may take its time, and a link negotiates anew now and then."""
    sensor = LinkSensor()
    for second in range(12):
        sensor.read(second * SECOND_NS, frozenset({2}))

    assert asked == ["eth0", "eth0"]


def test_a_link_that_appears_is_asked_at_once(asked: list[str]) -> None:
    """It need not wait for the others' turn."""
    sensor = LinkSensor()
    sensor.read(0, frozenset({2}))
    sensor.read(SECOND_NS, frozenset({2, 4}))

    assert asked == ["eth0", "eth1"]
