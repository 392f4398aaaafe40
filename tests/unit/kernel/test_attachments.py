"""Interfaces are taken by the best mode they allow, and given back."""

import errno
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel import probe
from floodwall.kernel.attachments import Attachments, XdpMode
from floodwall.kernel.bpf import BpfObject, Link
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.build import data_plane_object
from floodwall.kernel.links import detach_pinned, xdp_on
from floodwall.kernel.loading import Programs, Start, load
from floodwall.kernel.probe import Feature
from floodwall.kernel.tables import MAP_NAMES
from tests.support.namespace import ip

pytestmark = pytest.mark.root
Make = Callable[..., Attachments]


@pytest.fixture
def make(pins: StateDirectory) -> Iterator[Make]:
    """Makes what attaches, with features masked; the last one detaches everything."""
    opened: list[BpfObject] = []
    loaders: list[Programs] = []
    made: list[Attachments] = []

    def one(*masked: Feature) -> Attachments:
        start = Start(data_plane_object(), probe.probe(frozenset(masked)), {})
        opened.append(load(start))
        maps = {name: opened[-1].map(name) for name in MAP_NAMES}
        loaders.append(Programs(start, opened[-1], maps))
        made.append(Attachments(loaders[-1], start.features, pins))
        return made[-1]

    try:
        yield one
    finally:
        for each in made:
            each.detach_all()
        for loader in loaders:
            loader.close()
        for loaded in opened:
            loaded.discard()


def test_the_best_mode_is_taken(make: Make, veth: int, pins: StateDirectory) -> None:
    """On veth that is the driver's, with nothing refused, and everything pinned."""
    found = make().attach(veth)

    assert (found.mode, found.handover, found.refused) == (XdpMode.NATIVE_FRAGS, True, ())
    assert {path.name for path in pins.pinned("link_")} == {
        "link_handshake",
        f"link_tcx_{veth}",
        f"link_xdp_{veth}",
    }


@pytest.mark.parametrize(
    ("masked", "mode"),
    [
        ((Feature.XDP_FRAGS,), XdpMode.NATIVE),
        ((Feature.NATIVE_XDP,), XdpMode.GENERIC),
        ((Feature.NATIVE_XDP, Feature.XDP_FRAGS), XdpMode.GENERIC),
    ],
)
def test_a_masked_mode_leaves_the_next(
    make: Make, veth: int, masked: tuple[Feature, ...], mode: XdpMode
) -> None:
    """What is refused says why, once."""
    found = make(*masked).attach(veth)

    assert found.mode is mode
    assert all(reason.endswith(": masked") for reason in found.refused)
    assert len(found.refused) == 1


def test_generic_can_be_asked_for(make: Make, veth: int) -> None:
    """An operator may know better."""
    found = make().attach(veth, not_native="not wanted")

    assert (found.mode, xdp_on(veth).native) == (XdpMode.GENERIC, False)
    assert found.refused == ("native: not wanted",)


def test_a_driver_that_refuses_is_taken_as_it_is(make: Make, veth: int) -> None:
    """Loopback has no XDP in its driver at all."""
    found = make().attach(1)

    assert found.mode is XdpMode.GENERIC
    assert len(found.refused) == 2
    assert veth not in make().by_interface


def test_without_handover_there_is_no_tc_program(
    make: Make, veth: int, pins: StateDirectory
) -> None:
    """The kernel's own cookies need none."""
    found = make(Feature.HANDOVER).attach(veth)

    assert not found.handover
    assert found.refused == ("hand-over: handover: masked",)
    assert pins.pinned("link_tcx") == []


def test_a_foreign_program_is_never_replaced(make: Make, veth: int, small: BpfObject) -> None:
    """The error names it, and it goes on."""
    program = small.program("answer")
    with Link.xdp(program.fd, veth, native=False):
        with pytest.raises(KernelError, match="near already has the XDP program answer") as raised:
            make().attach(veth)

        assert raised.value.errno == errno.EBUSY
        assert xdp_on(veth).prog_id == program.id


def test_a_missing_interface_is_an_error(make: Make, veth: int) -> None:
    """It may vanish between its choice and our turn; nothing stays behind."""
    with pytest.raises(KernelError):
        make().attach(veth + 100)


def test_attaching_twice_is_attaching_once(make: Make, veth: int) -> None:
    """The answer is the same."""
    attachments = make()

    assert attachments.attach(veth) is attachments.attach(veth)


def test_a_detached_interface_is_as_before(make: Make, veth: int, pins: StateDirectory) -> None:
    """Others stay attached."""
    attachments = make()
    attachments.attach(veth)
    attachments.attach(1)
    attachments.detach(veth)

    assert xdp_on(veth).prog_id == 0
    assert xdp_on(1).prog_id != 0
    assert [path.name for path in pins.pinned("link_xdp")] == ["link_xdp_1"]


def test_an_attachment_that_somebody_ended_is_known(make: Make, veth: int) -> None:
    """Of a link that is detached, as of an interface that went, only a shell is left."""
    attachments = make()
    attachments.attach(veth)
    attachments.attach(1)
    before = attachments.holds(veth)
    ip("link", "delete", "near")

    assert before
    assert not attachments.holds(veth)
    assert attachments.holds(1)
    assert not attachments.holds(veth + 100)


def test_pinned_links_are_taken_over(make: Make, veth: int) -> None:
    """The links stay, the program in them is the new one."""
    first = make()
    first.attach(veth)
    before = xdp_on(veth).prog_id
    first.close()

    (found,) = make().take_over()
    assert (found.ifindex, found.mode, found.adopted) == (veth, XdpMode.NATIVE_FRAGS, True)
    assert found.handover
    assert xdp_on(veth).prog_id not in {0, before}


def test_a_generic_link_stays_generic(make: Make, veth: int) -> None:
    """Taking over does not move it, since that would need a gap."""
    first = make()
    first.attach(veth, not_native="not wanted")
    first.close()

    (found,) = make().take_over()
    assert found.mode is XdpMode.GENERIC


def test_links_of_vanished_interfaces_are_unpinned(
    make: Make, veth: int, pins: StateDirectory
) -> None:
    """Their number may come back with another interface."""
    first = make()
    first.attach(veth)
    first.close()
    ip("link", "delete", "near")

    assert make().take_over() == []
    assert [path.name for path in pins.pinned("link_")] == ["link_handshake"]


def test_a_successor_without_handover_drops_the_tc_link(make: Make, veth: int) -> None:
    """It would hand over what nobody decodes."""
    first = make()
    first.attach(veth)
    first.close()

    (found,) = make(Feature.HANDOVER).take_over()
    assert not found.handover


def test_pinned_links_end_at_once(make: Make, veth: int, pins: StateDirectory) -> None:
    """Even while a daemon holds them open."""
    attachments = make()
    attachments.attach(veth)

    assert set(detach_pinned(pins)) == {"link_handshake", f"link_tcx_{veth}", f"link_xdp_{veth}"}
    assert xdp_on(veth).prog_id == 0


def test_without_pins_links_end_with_their_holder(veth: int, tmp_path: Path) -> None:
    """Which is what happens when the daemon dies in such a place."""
    start = Start(data_plane_object(), probe.probe(), {})
    with load(start) as loaded:
        maps = {name: loaded.map(name) for name in MAP_NAMES}
        programs = Programs(start, loaded, maps)
        attachments = Attachments(programs, start.features, StateDirectory(tmp_path, None, "none"))
        attachments.attach(veth)
        assert xdp_on(veth).prog_id
        attachments.close()
        programs.close()

    assert xdp_on(veth).prog_id == 0
