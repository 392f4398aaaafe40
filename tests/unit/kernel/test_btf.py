"""BTF of an object says what clang saw."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from floodwall.core.errors import KernelError
from floodwall.kernel.btf import Btf, Kind
from floodwall.kernel.build import compile_object


@pytest.fixture
def btf() -> Iterator[Btf]:
    """The types of bpf/abi.h."""
    found = Btf.of_file(compile_object("abi"))
    yield found
    found.close()


def test_a_struct_has_its_members(btf: Btf) -> None:
    """Names and byte offsets are those of the header."""
    found = btf.type(btf.find("fw_prefix", Kind.STRUCT))

    assert [(member.name, member.offset) for member in found.members] == [
        ("prefixlen", 0),
        ("addr", 4),
    ]
    assert found.size == 20


def test_an_array_has_its_length(btf: Btf) -> None:
    """`slices` of struct fw_state has FW_SLICES elements."""
    state = btf.type(btf.find("fw_state", Kind.STRUCT))
    slices = next(member for member in state.members if member.name == "slices")

    assert btf.resolved(slices.type_id).count == 8


def test_an_enum_has_its_values(btf: Btf) -> None:
    """The first mode is the one that does nothing."""
    found = btf.type(btf.find("fw_mode", Kind.ENUM))

    assert ("FW_MODE_OBSERVE", 0) in found.values


def test_typedefs_resolve_to_the_type_behind(btf: Btf) -> None:
    """__u32 is an integer of four bytes."""
    found = btf.resolved(btf.find("__u32", Kind.TYPEDEF))

    assert (found.kind, found.size) == (Kind.INT, 4)


def test_an_unknown_name_is_not_found(btf: Btf) -> None:
    """Zero is the id of void, so it can say no."""
    assert btf.find("fw_nothing", Kind.STRUCT) == 0


def test_a_file_that_is_no_object_is_refused(tmp_path: Path) -> None:
    """The error names the file."""
    path = tmp_path / "text.o"
    path.write_text("no ELF")

    with pytest.raises(KernelError, match=r"read BTF of text.o"):
        Btf.of_file(path)
