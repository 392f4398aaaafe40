"""A compiled BPF object: opened, adjusted, loaded; and the maps, programs and links of it."""

import ctypes
import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from floodwall.core.errors import KernelError
from floodwall.kernel.btf import Btf, Kind
from floodwall.kernel.failure import check, kernel_error
from floodwall.kernel.libbpf import libbpf
from floodwall.kernel.links import Link, LinkInfo, LinkType
from floodwall.kernel.maps import Map, MapKind, MapShape
from floodwall.kernel.programs import Program, TestRun

__all__ = [
    "BpfObject",
    "Link",
    "LinkInfo",
    "LinkType",
    "Map",
    "MapKind",
    "MapShape",
    "Program",
    "TestRun",
]

_SHOWN_LINES = 12  # of the verifier's log; its last lines say why


class BpfObject:
    """An object file: constants and reused maps are set between `open` and `load`."""

    def __init__(self, handle: int, name: str) -> None:
        """Wrap libbpf's struct bpf_object; use `open`."""
        self._handle = handle
        self._maps: dict[str, Map] = {}
        self.name = name

    @classmethod
    def open(cls, path: Path) -> Self:
        """Read an object file; nothing reaches the kernel yet."""
        library = libbpf()
        library.said()
        handle = library.calls.bpf_object__open_file(os.fsencode(path), None)
        if not handle:
            raise kernel_error("open object", ctypes.get_errno(), path.name)
        return cls(handle, path.name)

    def set_constant(self, name: str, value: int) -> None:
        """Set a `const volatile` of .rodata, found by name through BTF."""
        btf = Btf(libbpf().calls.bpf_object__btf(self._handle), owned=False)
        section = btf.type(self._section(btf))
        found = next((member for member in section.members if member.name == name), None)
        if found is None:
            raise KeyError(f"{self.name} has no constant {name}")
        size = btf.resolved(found.type_id).size
        space = ctypes.c_size_t()
        area = self._map_handle(".rodata")
        start = libbpf().calls.bpf_map__initial_value(area, ctypes.byref(space))
        if not start or found.offset + size > space.value:
            raise KeyError(f"{self.name} has no room for constant {name}")
        raw = value.to_bytes(size, "little", signed=value < 0)
        ctypes.memmove(start + found.offset, raw, size)

    def constants(self) -> set[str]:
        """Return the names that `set_constant` takes."""
        btf = Btf(libbpf().calls.bpf_object__btf(self._handle), owned=False)
        return {member.name for member in btf.type(self._section(btf)).members}

    def disable(self, program: str) -> None:
        """Leave a program out of the load."""
        handle = self._program_handle(program)
        check(libbpf().calls.bpf_program__set_autoload(handle, False), "disable", program)

    def add_flags(self, program: str, flags: int) -> None:
        """Give a program load flags, such as BPF_F_XDP_HAS_FRAGS.

        There is no way to take one away: libbpf adds those of the section name at the load.
        """
        calls = libbpf().calls
        handle = self._program_handle(program)
        wanted = calls.bpf_program__flags(handle) | flags
        check(calls.bpf_program__set_flags(handle, wanted), "set flags of", program)

    def reuse(self, map_name: str, fd: int) -> None:
        """Use an existing map instead of making one; the descriptor stays the caller's."""
        handle = self._map_handle(map_name)
        check(libbpf().calls.bpf_map__reuse_fd(handle, fd), "reuse map", map_name)

    def load(self) -> None:
        """Make the maps and load the programs; a refusal carries the verifier's last lines."""
        library = libbpf()
        library.said()
        result = library.calls.bpf_object__load(self._handle)
        if result < 0:
            log = "\n".join(library.said()[-_SHOWN_LINES:])
            failure = kernel_error("load", result, self.name)
            message = f"{failure.message}\n{log}" if log else failure.message
            raise KernelError(
                message, op="load", errno=failure.errno, obj=self.name, hint=failure.hint
            )

    def program(self, name: str) -> Program:
        """Return a loaded program; it lives as long as this object."""
        fd = check(libbpf().calls.bpf_program__fd(self._program_handle(name)), "find program", name)
        return Program(fd, name)

    def map(self, name: str) -> Map:
        """Return a map of the loaded object; its descriptor outlives the object."""
        if name not in self._maps:
            fd = check(libbpf().calls.bpf_map__fd(self._map_handle(name)), "find map", name)
            self._maps[name] = Map(os.dup(fd), name)
        return self._maps[name]

    def shape(self, name: str) -> MapShape:
        """Return the shape that the source declares for a map, loaded or not."""
        calls, handle = libbpf().calls, self._map_handle(name)
        return MapShape(
            MapKind(calls.bpf_map__type(handle)),
            int(calls.bpf_map__key_size(handle)),
            int(calls.bpf_map__value_size(handle)),
            int(calls.bpf_map__max_entries(handle)),
        )

    def map_names(self) -> list[str]:
        """Return the names of the maps that the source declares, without .rodata and its like."""
        calls = libbpf().calls
        return [
            calls.bpf_map__name(handle).decode()
            for handle in self._walk(calls.bpf_object__next_map)
            if not calls.bpf_map__is_internal(handle)
        ]

    def program_names(self) -> list[str]:
        """Return the names of the programs in the object."""
        calls = libbpf().calls
        return [
            calls.bpf_program__name(handle).decode()
            for handle in self._walk(calls.bpf_object__next_program)
        ]

    def close(self) -> None:
        """Free the object; programs end unless attached, maps that were handed out stay open."""
        if self._handle:
            libbpf().calls.bpf_object__close(self._handle)
            self._handle = 0

    def discard(self) -> None:
        """Free the object and close every map that was handed out."""
        for opened in self._maps.values():
            opened.close()
        self.close()

    def __enter__(self) -> Self:
        """Return the object itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the object and every map that was handed out."""
        self.discard()

    def _section(self, btf: Btf) -> int:
        found = btf.find(".rodata", Kind.DATASEC)
        if not found:
            raise KeyError(f"{self.name} has no constants")
        return found

    def _walk(self, step: "ctypes._NamedFuncPointer") -> Iterator[int]:
        handle = step(self._handle, None)
        while handle:
            yield handle
            handle = step(self._handle, handle)

    def _map_handle(self, name: str) -> int:
        handle = libbpf().calls.bpf_object__find_map_by_name(self._handle, name.encode())
        if not handle:
            raise KeyError(f"{self.name} has no map {name}")
        return int(handle)

    def _program_handle(self, name: str) -> int:
        handle = libbpf().calls.bpf_object__find_program_by_name(self._handle, name.encode())
        if not handle:
            raise KeyError(f"{self.name} has no program {name}")
        return int(handle)
