"""A data plane that is not there: maps in memory, so that all else runs as if it were.

Law: nothing in it reaches the kernel, and every counter of it is zero for ever.
"""

import ctypes
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt

from floodwall.kernel import _abi as abi
from floodwall.kernel.maps import Map
from floodwall.kernel.tables import MAP_NAMES, Tables

_ELEMENTS: Final[Mapping[str, type[ctypes.Structure]]] = {
    "config": abi.Config,
    "lease": abi.Lease,
    "keys": abi.Key,
    "limits": abi.Limits,
    "states": abi.State,
    "tallies": abi.Tally,
}
"""Arrays, of which every element is there from the beginning."""


class AbsentMap:
    """A map in memory; an array has every element, as zeros until it is written."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.max_entries = 0
        kind = _ELEMENTS.get(name)
        self._zero = bytes(ctypes.sizeof(kind)) if kind else None
        self._content: dict[bytes, bytes] = {}

    def lookup(self, key: bytes) -> bytes | None:
        """Return a value."""
        return self._content.get(key, self._zero)

    def lookup_percpu(self, key: bytes) -> list[bytes]:
        """Return the values of all CPUs: there is one."""
        return [self._content.get(key) or self._zero or b""]

    def split(self, wide: bytes) -> list[bytes]:
        """Cut a value into those of each CPU: there is one."""
        return [wide]

    def view(self, kind: np.dtype[Any]) -> npt.NDArray[Any]:
        """Return one bucket that can be written in place."""
        return np.zeros(abi.BAN_CELLS, kind)

    def update(self, key: bytes, value: bytes, _flags: int = 0) -> None:
        """Set a value."""
        self._content[key] = value

    def update_many(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Set many values."""
        self._content.update(entries)

    def delete(self, key: bytes) -> bool:
        """Remove a key; say whether it was there."""
        return self._content.pop(key, None) is not None

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield what was written."""
        yield from list(self._content.items())

    def keys(self) -> list[bytes]:
        """Return what was written."""
        return list(self._content)

    def close(self) -> None:
        """Nothing is open."""


class AbsentPlane(Tables):
    """Stands where a data plane would, on a machine that cannot have one."""

    def __init__(self) -> None:
        super().__init__({name: cast("Map", AbsentMap(name)) for name in MAP_NAMES})

    def detach_all(self) -> None:
        """Nothing is attached."""
