"""The generated view of abi.h is what its header says."""

import ctypes
import re

from floodwall.core.address import pack
from floodwall.kernel import _abi as abi
from tests.support.tree import text

HEADER = text("bpf/abi.h")


def _class_of(name: str) -> type[ctypes.Structure]:
    found: type[ctypes.Structure] = getattr(abi, "".join(map(str.capitalize, name.split("_"))))
    return found


def test_every_struct_has_its_asserted_size() -> None:
    """Each struct of the header is there, padding and all."""
    asserted = re.findall(r"sizeof\(struct fw_(\w+)\) == (\d+)", HEADER)
    declared = re.findall(r"^struct fw_(\w+) \{", HEADER, re.MULTILINE)

    assert [name for name, _ in asserted] == declared
    assert {name: ctypes.sizeof(_class_of(name)) for name in declared} == {
        name: int(size) for name, size in asserted
    }


def test_ports_are_in_network_order() -> None:
    """A __be16 is written as it is on the wire."""
    key = abi.ServiceKey(addr=abi.Addr.from_buffer_copy(pack("192.0.2.1")), port=443)

    assert bytes(key) == pack("192.0.2.1") + b"\x01\xbb\0\0"


def test_sentinels_are_constants_not_members() -> None:
    """Whoever walks the reasons must not meet one that does not exist."""
    assert len(abi.Reason) == abi.REASON_MAX
    assert "MAX" not in abi.Reason.__members__
    assert "HANDOVER_MAGIC" not in abi.Option.__members__


def test_every_enumerator_is_known() -> None:
    """None of the header's names is lost on the way."""
    names = set(re.findall(r"^\t(FW_\w+)", HEADER, re.MULTILINE))
    enums = (abi.DebtLevel, abi.Reason, abi.Mode, abi.Mechanism, abi.Flag, abi.Purse, abi.Option)
    known = {name for each in enums for name in each.__members__} | set(dir(abi))

    assert {name for name in names if not any(name.endswith(end) for end in known)} == set()
