"""One BPF map: read and written as bytes, dumped in batches."""

import ctypes
import errno
import mmap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from floodwall.kernel.descriptor import Descriptor, inspect, open_pin, pin
from floodwall.kernel.failure import check, kernel_error
from floodwall.kernel.libbpf import BatchOpts, libbpf

_BATCH = 4096  # elements a system call; measured: no gain above 1,000
_ENOTSUPP = 524  # internal errno of the kernel that reaches us for missing batch operations
_NO_BATCH = frozenset({errno.EINVAL, errno.EOPNOTSUPP, _ENOTSUPP})


class MapKind(IntEnum):
    """The kinds of map that Floodwall uses, enum bpf_map_type of linux/bpf.h."""

    UNKNOWN = 0
    HASH = 1
    ARRAY = 2
    PERCPU_HASH = 5
    PERCPU_ARRAY = 6
    LRU_HASH = 9
    LRU_PERCPU_HASH = 10
    LPM_TRIE = 11

    @classmethod
    def _missing_(cls, _value: object) -> "MapKind":
        return cls.UNKNOWN


_PERCPU = frozenset({MapKind.PERCPU_HASH, MapKind.PERCPU_ARRAY, MapKind.LRU_PERCPU_HASH})
_ARRAYS = frozenset({MapKind.ARRAY, MapKind.PERCPU_ARRAY})


@dataclass(frozen=True, slots=True)
class MapShape:
    """What two maps must have in common to take each other's place; sizes in bytes."""

    kind: MapKind
    key_size: int
    value_size: int
    max_entries: int


class MapInfo(ctypes.Structure):
    """The first fields of struct bpf_map_info."""

    _fields_ = (
        ("type", ctypes.c_uint32),
        ("id", ctypes.c_uint32),
        ("key_size", ctypes.c_uint32),
        ("value_size", ctypes.c_uint32),
        ("max_entries", ctypes.c_uint32),
        ("map_flags", ctypes.c_uint32),
        ("name", ctypes.c_char * 16),
    )


class Map(Descriptor):
    """An open BPF map; the descriptor is ours and closed with `close()`."""

    def __init__(self, fd: int, name: str = "") -> None:
        """Take over the descriptor; `name` replaces the kernel's 15 characters."""
        info = inspect(fd, MapInfo(), "map", name)
        self.fd = fd
        self.name = name or info.name.decode()
        self.id = int(info.id)
        self.kind = MapKind(info.type)
        self.key_size = int(info.key_size)
        self.value_size = int(info.value_size)
        self.max_entries = int(info.max_entries)
        self._slot = -(-self.value_size // 8) * 8  # a CPU's share of a per-CPU value
        self._cpus = libbpf().possible_cpus if self.kind in _PERCPU else 0
        self._wide = self._slot * self._cpus or self.value_size

    @property
    def shape(self) -> MapShape:
        """The shape of this map, to compare with another."""
        return MapShape(self.kind, self.key_size, self.value_size, self.max_entries)

    @classmethod
    def from_pin(cls, path: Path) -> Self:
        """Open the map pinned at `path`, named like the pin."""
        return cls(open_pin(path), path.name)

    def pin(self, path: Path) -> None:
        """Keep the map alive under `path` in a bpffs."""
        pin(self.fd, path)

    def lookup(self, key: bytes) -> bytes | None:
        """Return the value of `key`; of a per-CPU map, the values of all CPUs side by side."""
        value = ctypes.create_string_buffer(self._wide)
        result = libbpf().calls.bpf_map_lookup_elem(self.fd, self._key(key), value)
        if result == -errno.ENOENT:
            return None
        check(result, "look up in map", self.name)
        return value.raw

    def lookup_percpu(self, key: bytes) -> list[bytes]:
        """Return one value for each possible CPU, or nothing if the key is not there."""
        wide = self.lookup(key)
        return [] if wide is None else self.split(wide)

    def split(self, wide: bytes) -> list[bytes]:
        """Cut the value of a per-CPU map into one value for each possible CPU."""
        starts = range(0, len(wide), self._slot)
        return [wide[start : start + self.value_size] for start in starts]

    def update(self, key: bytes, value: bytes, flags: int = 0) -> None:
        """Set `key`; flags are BPF_ANY 0, BPF_NOEXIST 1, BPF_EXIST 2."""
        if len(value) != self._wide:
            problem = f"{len(value)} bytes given, {self._wide} wanted"
            raise ValueError(f"value of map {self.name}: {problem}")
        calls = libbpf().calls
        result = calls.bpf_map_update_elem(self.fd, self._key(key), value, flags)
        check(result, "update map", self.name, hint=self._full_hint(result))

    def update_percpu(self, key: bytes, values: list[bytes], flags: int = 0) -> None:
        """Set one value for each possible CPU."""
        self.update(key, b"".join(value.ljust(self._slot, b"\0") for value in values), flags)

    def update_many(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Set many keys, in batches where the kind of map allows."""
        pending = list(entries)
        calls = libbpf().calls
        for start in range(0, len(pending), _BATCH):
            chunk = pending[start : start + _BATCH]
            keys = b"".join(self._key(key) for key, _ in chunk)
            values = b"".join(value for _, value in chunk)
            if len(values) != self._wide * len(chunk):
                raise ValueError(f"values of map {self.name} must have {self._wide} bytes")
            count = ctypes.c_uint32(len(chunk))
            options = BatchOpts(ctypes.sizeof(BatchOpts), 0, 0)
            result = calls.bpf_map_update_batch(self.fd, keys, values, count, options)
            if -result in _NO_BATCH:
                for key, value in chunk:
                    self.update(key, value)
                continue
            check(result, "update map", self.name, hint=self._full_hint(result))

    def delete(self, key: bytes) -> bool:
        """Remove `key`; say whether it was there."""
        result = libbpf().calls.bpf_map_delete_elem(self.fd, self._key(key))
        if result == -errno.ENOENT:
            return False
        check(result, "delete from map", self.name)
        return True

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every key with its value, in batches where the kernel can."""
        for keys, values in self.batches():
            for number in range(len(keys) // self.key_size):
                key = keys[number * self.key_size : (number + 1) * self.key_size]
                yield key, values[number * self._wide : (number + 1) * self._wide]

    def batches(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield the map in pieces: many keys side by side, and as many values side by side."""
        calls = libbpf().calls
        room = min(_BATCH, self.max_entries)
        cursor: ctypes.Array[ctypes.c_char] | None = None
        while True:
            keys = ctypes.create_string_buffer(self.key_size * room)
            values = ctypes.create_string_buffer(self._wide * room)
            after = ctypes.create_string_buffer(max(self.key_size, 4))
            count = ctypes.c_uint32(room)
            options = BatchOpts(ctypes.sizeof(BatchOpts), 0, 0)
            result = calls.bpf_map_lookup_batch(
                self.fd, cursor, after, keys, values, count, options
            )
            if -result in _NO_BATCH and cursor is None:
                yield from self._one_by_one()
                return
            if result == -errno.ENOSPC:  # a bucket of the hash holds more than there is room for
                room *= 2
                continue
            if result < 0 and result != -errno.ENOENT:
                raise kernel_error("dump map", result, self.name)
            got = count.value
            yield keys.raw[: got * self.key_size], values.raw[: got * self._wide]
            if result == -errno.ENOENT:
                return
            cursor = after

    def keys(self) -> list[bytes]:
        """Return every key; an array has all of its indices."""
        return [key for key, _ in self.items()]

    def view(self, kind: np.dtype[Any]) -> npt.NDArray[Any]:
        """Return the elements of a BPF_F_MMAPABLE array in place: what is written is in force."""
        memory = mmap.mmap(self.fd, self.max_entries * self._slot)
        return np.frombuffer(memory, dtype=kind)

    def clear(self) -> None:
        """Remove every key, or set every element of an array to zero."""
        if self.kind in _ARRAYS:
            zero = bytes(self._wide)
            self.update_many((key, zero) for key in self.keys())
            return
        for key in self.keys():
            self.delete(key)

    def _key(self, key: bytes) -> bytes:
        if len(key) != self.key_size:
            problem = f"{len(key)} bytes given, {self.key_size} wanted"
            raise ValueError(f"key of map {self.name}: {problem}")
        return key

    def _full_hint(self, result: int) -> str:
        if result in {-errno.E2BIG, -errno.ENOSPC}:
            return f"the map is full: {self.max_entries} entries"
        return ""

    def _one_by_one(self) -> Iterator[tuple[bytes, bytes]]:
        calls = libbpf().calls
        previous: ctypes.Array[ctypes.c_char] | None = None
        while True:
            key = ctypes.create_string_buffer(self.key_size)
            result = calls.bpf_map_get_next_key(self.fd, previous, key)
            if result == -errno.ENOENT:
                return
            check(result, "walk map", self.name)
            value = self.lookup(key.raw)
            if value is not None:
                yield key.raw, value
            previous = key
