"""The maps of the data plane in this process' memory, for tests that need no kernel."""

from __future__ import annotations

import ctypes
from collections.abc import Iterable, Iterator
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from floodwall.core.errors import KernelError
from floodwall.kernel import _abi as abi
from floodwall.kernel.maps import Map
from floodwall.kernel.tables import MAP_NAMES, Tables

CPUS = 2
_ARRAYS = {"config": 1, "lease": 1, "keys": 2, "limits": 8, "states": 8, "tallies": 8}
_VALUES: dict[str, int] = {
    "config": ctypes.sizeof(abi.Config),
    "lease": ctypes.sizeof(abi.Lease),
    "keys": ctypes.sizeof(abi.Key),
    "limits": ctypes.sizeof(abi.Limits),
    "states": ctypes.sizeof(abi.State),
    "tallies": ctypes.sizeof(abi.Tally) * CPUS,
    "reasons": 8 * CPUS,
}


class MemoryMap:
    """A map that is a dictionary; `written` lists the keys in the order of their writing."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.content: dict[bytes, bytes] = {}
        self.written: list[bytes] = []
        self.deleted: list[bytes] = []
        self.broken = False
        elements = _ARRAYS.get(name, len(abi.Reason) if name == "reasons" else 0)
        for number in range(elements):
            self.content[number.to_bytes(4, "little")] = bytes(_VALUES[name])

    def lookup(self, key: bytes) -> bytes | None:
        """Return a value."""
        return self.content.get(key)

    def lookup_percpu(self, key: bytes) -> list[bytes]:
        """Return the value of each CPU."""
        return self.split(self.content[key])

    def split(self, wide: bytes) -> list[bytes]:
        """Cut a value into those of each CPU."""
        size = len(wide) // CPUS
        return [wide[start : start + size] for start in range(0, len(wide), size)]

    def view(self, kind: np.dtype[Any]) -> npt.NDArray[Any]:
        """Return 16 elements that can be written in place."""
        return np.zeros(16 * abi.BAN_CELLS, kind)

    def update(self, key: bytes, value: bytes, _flags: int = 0) -> None:
        """Set a value."""
        if self.broken:
            raise KernelError(f"update map {self.name}: No space left on device")
        self.content[key] = value
        self.written.append(key)

    def update_many(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Set many values."""
        for key, value in entries:
            self.update(key, value)

    def delete(self, key: bytes) -> bool:
        """Remove a key."""
        self.deleted.append(key)
        return self.content.pop(key, None) is not None

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield all of it."""
        yield from list(self.content.items())

    def keys(self) -> list[bytes]:
        """Return every key."""
        return list(self.content)

    def close(self) -> None:
        """Nothing is open."""


def memory_tables() -> Tables:
    """Return tables over empty maps."""
    return Tables({name: cast("Map", MemoryMap(name)) for name in MAP_NAMES})


def memory(table: Map) -> MemoryMap:
    """Look at a map of `memory_tables` as what it is."""
    return cast("MemoryMap", table)
