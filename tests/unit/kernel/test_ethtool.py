"""What a driver says about its link."""

import fcntl

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.ethtool import link_speed


def test_loopback_has_no_speed() -> None:
    """Its driver does not tell."""
    assert link_speed("lo") is None


def test_an_interface_that_went_away_has_none() -> None:
    """Between listing and asking it may vanish."""
    assert link_speed("nosuch0") is None


@pytest.mark.root
@pytest.mark.usefixtures("veth")
def test_a_driver_that_tells_is_believed() -> None:
    """The kernel's veth says 10 Gbit/s."""
    assert link_speed("near") == 10_000_000_000


def test_other_refusals_are_errors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not told is not the same as not allowed to ask."""

    def refuse(*_: object) -> int:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(fcntl, "ioctl", refuse)
    with pytest.raises(KernelError, match="ask for the speed of eth0: Operation not permitted"):
        link_speed("eth0")
