"""Objects are opened, adjusted and loaded."""

from pathlib import Path

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.bpf import BpfObject

FRAME = bytes(60)


def test_an_object_tells_what_is_in_it(small_object: Path) -> None:
    """Maps that libbpf makes for constants are not counted as maps."""
    with BpfObject.open(small_object) as opened:
        assert set(opened.map_names()) == {"table", "slots", "parts"}
        assert opened.program_names() == ["answer", "look", "hear"]
        assert opened.constants() == {"verdict", "wide"}


def test_unknown_names_are_key_errors(small_object: Path) -> None:
    """A wrong name is a mistake in our own code."""
    with BpfObject.open(small_object) as opened:
        for ask in (opened.disable, opened.map, opened.program, opened.shape):
            with pytest.raises(KeyError, match="nothing"):
                ask("nothing")
        with pytest.raises(KeyError, match="nothing"):
            opened.set_constant("nothing", 1)


def test_a_file_that_is_no_object_is_told(tmp_path: Path) -> None:
    """The error names the file."""
    path = tmp_path / "text.bpf.o"
    path.write_text("no ELF")

    with pytest.raises(KernelError, match="open object"):
        BpfObject.open(path)


def test_a_constant_must_fit(small_object: Path) -> None:
    """A byte does not hold 256."""
    with BpfObject.open(small_object) as opened, pytest.raises(OverflowError):
        opened.set_constant("verdict", 256)


@pytest.mark.root
def test_constants_reach_the_program(small_object: Path) -> None:
    """Of one byte and of eight."""
    with BpfObject.open(small_object) as opened:
        opened.set_constant("verdict", 1)
        opened.set_constant("wide", 2**40)
        opened.load()

        assert opened.program("answer").test_run(FRAME).verdict == 1
        assert opened.map("slots").lookup(bytes(4)) == (2**40).to_bytes(8, "little")


@pytest.mark.root
def test_a_disabled_program_is_not_loaded(small_object: Path) -> None:
    """The others are."""
    with BpfObject.open(small_object) as opened:
        opened.disable("look")
        opened.load()

        assert opened.program("answer").id
        with pytest.raises(KernelError, match="find program look"):
            opened.program("look")


@pytest.mark.root
def test_a_reused_map_is_shared(small: BpfObject, small_object: Path) -> None:
    """Two loads of one object count in the same place."""
    with BpfObject.open(small_object) as other:
        other.reuse("slots", small.map("slots").fd)
        other.load()
        other.program("answer").test_run(FRAME)

    assert small.map("slots").lookup(bytes(4)) == (1).to_bytes(8, "little")


@pytest.mark.root
def test_maps_outlive_a_closed_object(small_object: Path) -> None:
    """Until they are closed themselves."""
    opened = BpfObject.open(small_object)
    opened.load()
    slots = opened.map("slots")
    opened.close()

    assert slots.lookup(bytes(4)) == bytes(8)
    slots.close()


@pytest.mark.root
def test_a_refusal_shows_the_verifiers_words(wrong_object: Path) -> None:
    """Its last lines name the instruction and the reason."""
    with (
        BpfObject.open(wrong_object) as opened,
        pytest.raises(KernelError, match="invalid access to packet"),
    ):
        opened.load()
