"""Programs are identified, and run over packets."""

from pathlib import Path

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.bpf import BpfObject
from floodwall.kernel.programs import Program

pytestmark = pytest.mark.root
FRAME = bytes(range(60))
XDP_PASS, XDP_TX = 2, 3


def test_a_program_is_known_by_id(small: BpfObject) -> None:
    """The one that is opened by id has the same tag."""
    program = small.program("answer")
    other = Program.from_id(program.id)
    other.close()

    assert (other.name, other.tag) == (program.name, program.tag)


def test_an_unknown_id_is_told(small: BpfObject) -> None:
    """Programs of others end while we look at them."""
    number = small.program("answer").id + 100_000

    with pytest.raises(KernelError, match=f"open program id {number}"):
        Program.from_id(number)


def test_a_run_gives_verdict_and_packet(small: BpfObject) -> None:
    """A program that does nothing gives the packet back."""
    run = small.program("answer").test_run(FRAME)

    assert (run.verdict, run.packet, run.metadata) == (XDP_PASS, FRAME, b"")


def test_a_run_can_be_repeated(small: BpfObject) -> None:
    """The program's own count says how often it ran."""
    small.program("answer").test_run(FRAME, repeat=7)

    assert small.map("slots").lookup(bytes(4)) == (7).to_bytes(8, "little")


def test_metadata_comes_apart_from_the_packet(small_object: Path) -> None:
    """Four bytes in front of the frame are not part of it."""
    with BpfObject.open(small_object) as opened:
        opened.set_constant("verdict", XDP_TX)
        opened.load()
        run = opened.program("answer").test_run(FRAME)

    assert (run.verdict, run.packet, len(run.metadata)) == (XDP_TX, FRAME, 4)


def test_live_frames_reach_the_interface(small_object: Path, veth: int) -> None:
    """XDP_TX sends them back out, which the interface counts."""
    with BpfObject.open(small_object) as opened:
        opened.set_constant("verdict", XDP_PASS)
        opened.load()
        opened.program("answer").test_run_live(FRAME, veth, repeat=100)
        count = opened.map("slots").lookup(bytes(4))

    assert count == (100).to_bytes(8, "little")
