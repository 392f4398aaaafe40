"""The data plane starts, is taken over, and needs what it needs."""

import contextlib
from pathlib import Path

import pytest

from floodwall.core.errors import KernelError, NotSupported
from floodwall.kernel import probe
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.dataplane import DataPlane
from floodwall.kernel.links import xdp_on
from floodwall.kernel.loading import Origin
from floodwall.kernel.probe import Feature

DROPPED_FRAME = bytes(60)


def test_what_is_needed_is_asked_for_first(tmp_path: Path) -> None:
    """Before anything is loaded; the message names the feature."""
    nothing = StateDirectory(tmp_path, None, "none")

    with pytest.raises(NotSupported, match="xdp: masked"):
        DataPlane.start(nothing, probe.probe(frozenset({Feature.XDP})))


@pytest.mark.root
def test_a_data_plane_runs_over_packets(pins: StateDirectory) -> None:
    """What it does is counted by reason."""
    with DataPlane.start(pins, probe.probe()) as plane:
        plane.program("xdp_ingress").test_run(DROPPED_FRAME)

        assert plane.origin is Origin.NEW
        assert sum(plane.reasons().values()) == 1
        assert not plane.attachments


@pytest.mark.root
def test_constants_can_be_set(pins: StateDirectory) -> None:
    """A replay has a clock of its own."""
    with DataPlane.start(pins, probe.probe(), constants={"fw_replay": 1}) as plane:
        assert plane.program("xdp_ingress").id


@pytest.mark.root
def test_a_dead_data_plane_goes_on_and_is_adopted(pins: StateDirectory, veth: int) -> None:
    """Closing stands for a kill: the pins hold everything."""
    first = DataPlane.start(pins, probe.probe())
    first.attach(veth)
    first.set_lease(42)
    first.close()
    assert xdp_on(veth).prog_id

    with DataPlane.adopt(pins, probe.probe()) as second:
        assert (second.origin, second.lease()) == (Origin.PINNED, 42)
        assert list(second.attachments) == [veth]
        second.detach_all()
    assert xdp_on(veth).prog_id == 0


@pytest.mark.root
def test_there_must_be_something_to_adopt(pins: StateDirectory) -> None:
    """Else a new one is to be started."""
    with pytest.raises(KernelError, match="no pinned data plane"):
        DataPlane.adopt(pins, probe.probe())


@pytest.mark.root
def test_pinned_maps_are_read_beside_the_daemon(pins: StateDirectory) -> None:
    """As the commands do."""
    with DataPlane.start(pins, probe.probe()) as plane, DataPlane.from_pins(pins) as beside:
        plane.set_lease(7)

        assert beside.lease() == 7


@pytest.mark.root
def test_one_interface_can_be_let_go(pins: StateDirectory, veth: int) -> None:
    """The data plane lives on without it."""
    with contextlib.closing(DataPlane.start(pins, probe.probe())) as plane:
        plane.attach(veth)
        plane.detach(veth)

        assert not plane.attachments
        plane.detach_all()
