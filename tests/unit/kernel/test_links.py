"""Links attach, outlive their makers by a pin, and change programs without a gap."""

import ctypes
import errno
from pathlib import Path

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.bpf import BpfObject
from floodwall.kernel.bpffs import StateDirectory
from floodwall.kernel.links import Link, LinkType, xdp_on
from tests.support.namespace import ip

pytestmark = pytest.mark.root


@pytest.mark.parametrize("native", [True, False])
def test_xdp_is_attached_as_asked(small: BpfObject, veth: int, *, native: bool) -> None:
    """The interface has our program, in the driver or in front of the stack."""
    program = small.program("answer")
    with Link.xdp(program.fd, veth, native=native) as link:
        info = link.info()
        found = xdp_on(veth)

    assert (info.type, info.prog_id, info.ifindex) == (LinkType.XDP, program.id, veth)
    assert (found.prog_id, found.native) == (program.id, native)
    assert xdp_on(veth).prog_id == 0


def test_tcx_is_attached(small: BpfObject, veth: int) -> None:
    """Through a libbpf that does not know of TCX."""
    with Link.tcx_ingress(small.program("look").fd, veth) as link:
        info = link.info()

    assert (info.type, info.ifindex) == (LinkType.TCX, veth)


def test_tcx_comes_before_what_is_there(small: BpfObject, small_object: Path, veth: int) -> None:
    """Another's program that ends the chain must not keep handshakes from their listeners."""
    ours = small.program("look")
    with (
        BpfObject.open(small_object) as another,
        Link.tcx_ingress(_loaded(another).program("look").fd, veth),
        Link.tcx_ingress(ours.fd, veth),
    ):
        order = _tcx_programs(veth)

    assert order[0] == ours.id
    assert len(order) == 2


def test_a_tracepoint_is_attached(small: BpfObject) -> None:
    """It belongs to no interface."""
    with Link.raw_tracepoint(small.program("hear").fd, "inet_sock_set_state") as link:
        info = link.info()

    assert (info.type, info.ifindex) == (LinkType.RAW_TRACEPOINT, 0)


def test_an_unknown_tracepoint_is_told(small: BpfObject) -> None:
    """The error names it."""
    with pytest.raises(KernelError, match="no_such_tracepoint"):
        Link.raw_tracepoint(small.program("hear").fd, "no_such_tracepoint")


def test_a_second_program_is_refused(small: BpfObject, veth: int) -> None:
    """The kernel does not let links replace each other."""
    program = small.program("answer")
    with Link.xdp(program.fd, veth), pytest.raises(KernelError) as raised:
        Link.xdp(program.fd, veth)

    assert raised.value.errno == errno.EBUSY


def test_a_pin_outlives_the_descriptor(small: BpfObject, veth: int, pins: StateDirectory) -> None:
    """The attachment lasts until the pin is gone too."""
    path = pins.pin("link")
    assert path is not None
    with Link.xdp(small.program("answer").fd, veth) as link:
        link.pin(path)
    assert xdp_on(veth).prog_id

    with Link.from_pin(path) as again:
        again.unpin()
    assert xdp_on(veth).prog_id == 0


def test_an_update_changes_the_program(small: BpfObject, small_object: Path, veth: int) -> None:
    """The link stays the same one."""
    with BpfObject.open(small_object) as other, Link.xdp(small.program("answer").fd, veth) as link:
        other.load()
        before = link.info()
        link.update(other.program("answer").fd)
        after = link.info()

    assert after.id == before.id
    assert after.prog_id != before.prog_id


def test_a_detached_link_is_gone_at_once(small: BpfObject, veth: int, pins: StateDirectory) -> None:
    """Even while a second descriptor is open, as a daemon has."""
    path = pins.pin("link")
    assert path is not None
    with Link.xdp(small.program("answer").fd, veth) as held:
        held.pin(path)
        Link.from_pin(path).detach()

        assert xdp_on(veth).prog_id == 0
        assert not path.exists()


def test_a_link_whose_interface_went_says_so(small: BpfObject, veth: int) -> None:
    """Its interface index becomes 0."""
    with Link.xdp(small.program("answer").fd, veth) as link:
        ip("link", "delete", "near")

        assert link.info().ifindex == 0


def _loaded(opened: BpfObject) -> BpfObject:
    opened.load()
    return opened


def _tcx_programs(ifindex: int) -> list[int]:
    """Return the numbers of the tcx programs at ingress, in the order in which they run."""
    numbers, count = (ctypes.c_uint32 * 8)(), ctypes.c_uint32(8)
    query = ctypes.CDLL("libbpf.so.1").bpf_prog_query
    tcx_ingress = 46  # enum bpf_attach_type
    result = query(ifindex, tcx_ingress, 0, None, numbers, ctypes.byref(count))
    assert result == 0
    return list(numbers)[: count.value]
