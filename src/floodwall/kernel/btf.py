"""Reads BTF, the type information that clang puts into an object and the kernel has of itself."""

import ctypes
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Self

from floodwall.core.errors import NotSupported
from floodwall.kernel.failure import kernel_error
from floodwall.kernel.libbpf import libbpf

_HEAD = struct.Struct("=III")  # struct btf_type: name_off, info, size or type
_TRIPLE = struct.Struct("=III")  # struct btf_member, btf_array and btf_var_secinfo
_ENUMERATOR = struct.Struct("=Ii")  # struct btf_enum
_BITFIELD = 1 << 31  # kind_flag: the offset of a member shares its word with a bit width
_BITS_OF_FIELD = 0xFFFFFF
_BITS_OF_ALL = 0xFFFFFFFF


class Kind(IntEnum):
    """Kinds of type, BTF_KIND_* of linux/btf.h."""

    INT = 1
    PTR = 2
    ARRAY = 3
    STRUCT = 4
    UNION = 5
    ENUM = 6
    TYPEDEF = 8
    VOLATILE = 9
    CONST = 10
    FUNC = 12
    VAR = 14
    DATASEC = 15
    OTHER = 0

    @classmethod
    def _missing_(cls, _value: object) -> "Kind":
        return cls.OTHER


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a struct or a variable of a section; `offset` in bytes."""

    name: str
    type_id: int
    offset: int


@dataclass(frozen=True, slots=True)
class BtfType:
    """One type; `size` in bytes, `target` is the type that it refers to, `count` of an array."""

    id: int
    kind: Kind
    name: str
    size: int
    target: int = 0
    count: int = 0
    members: tuple[Member, ...] = ()
    values: tuple[tuple[str, int], ...] = ()


class Btf:
    """The types of one object; owned ones are freed by `close()`."""

    def __init__(self, handle: int, *, owned: bool) -> None:
        """Wrap libbpf's struct btf."""
        self._handle = handle
        self._owned = owned

    @classmethod
    def of_kernel(cls) -> Self:
        """Read the running kernel's own types.  Minimum kernel: 5.4 with CONFIG_DEBUG_INFO_BTF."""
        handle = libbpf().calls.btf__load_vmlinux_btf()
        if not handle:
            message = "this kernel has no BTF (/sys/kernel/btf/vmlinux)"
            raise NotSupported(message, feature="btf", minimum_kernel="5.4")
        return cls(handle, owned=True)

    @classmethod
    def of_file(cls, path: Path) -> Self:
        """Read the types of a compiled BPF object."""
        handle = libbpf().calls.btf__parse_elf(os.fsencode(path), None)
        if not handle:
            raise kernel_error("read BTF of", ctypes.get_errno(), path.name)
        return cls(handle, owned=True)

    def close(self) -> None:
        """Free what `of_kernel` or `of_file` read."""
        if self._owned and self._handle:
            libbpf().calls.btf__free(self._handle)
            self._handle = 0

    def find(self, name: str, kind: Kind) -> int:
        """Return the id of the type, 0 if there is none."""
        found = libbpf().calls.btf__find_by_name_kind(self._handle, name.encode(), kind)
        return max(int(found), 0)

    def types(self) -> Iterator[BtfType]:
        """Yield every type in the order of the object."""
        for number in range(1, libbpf().calls.btf__type_cnt(self._handle)):
            yield self.type(number)

    def type(self, number: int) -> BtfType:
        """Return the type with this id."""
        address = libbpf().calls.btf__type_by_id(self._handle, number)
        name_at, info, size = _HEAD.unpack(ctypes.string_at(address, _HEAD.size))
        kind = Kind(info >> 24 & 0x1F)
        rows, width = _tail_shape(kind, info)
        tail = ctypes.string_at(address + _HEAD.size, rows * width)
        name = self._text(name_at)
        if kind is Kind.ARRAY:
            target, _, count = _TRIPLE.unpack(tail)
            return BtfType(number, kind, name, 0, target, count)
        if kind is Kind.ENUM:
            values = tuple((self._text(at), value) for at, value in _ENUMERATOR.iter_unpack(tail))
            return BtfType(number, kind, name, size, values=values)
        if kind in {Kind.STRUCT, Kind.UNION}:
            bits = _BITS_OF_FIELD if info & _BITFIELD else _BITS_OF_ALL
            members = tuple(
                Member(self._text(at), of, (offset & bits) // 8)
                for at, of, offset in _TRIPLE.iter_unpack(tail)
            )
            return BtfType(number, kind, name, size, members=members)
        if kind is Kind.DATASEC:
            variables = tuple(
                Member(self.type(of).name, of, offset)
                for of, offset, _ in _TRIPLE.iter_unpack(tail)
            )
            return BtfType(number, kind, name, size, members=variables)
        return BtfType(number, kind, name, size, size)

    def resolved(self, number: int) -> BtfType:
        """Return the type behind typedefs, const and volatile."""
        found = self.type(number)
        while found.kind in {Kind.TYPEDEF, Kind.CONST, Kind.VOLATILE, Kind.VAR}:
            found = self.type(found.target)
        return found

    def _text(self, offset: int) -> str:
        return str(libbpf().calls.btf__name_by_offset(self._handle, offset).decode())


def _tail_shape(kind: Kind, info: int) -> tuple[int, int]:
    """Return how many records follow the head of a type, and the bytes of each."""
    if kind is Kind.ARRAY:
        return 1, _TRIPLE.size
    if kind is Kind.ENUM:
        return info & 0xFFFF, _ENUMERATOR.size
    if kind in {Kind.STRUCT, Kind.UNION, Kind.DATASEC}:
        return info & 0xFFFF, _TRIPLE.size
    return 0, 0
