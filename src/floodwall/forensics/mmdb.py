"""Reads MaxMind DB files, version 2.0 of the format: a tree over address bits, and records.

The file is the operator's, and may still be broken: every step is bounded and every place checked.
"""

import mmap
import os
import struct
from pathlib import Path
from typing import Final

from floodwall.core.address import Address, pack
from floodwall.core.errors import ConfigError
from floodwall.forensics.words import printable

Value = str | bytes | int | float | bool | list["Value"] | dict[str, "Value"]
_MARKER: Final = b"\xab\xcd\xefMaxMind.com"
_METADATA_BYTES: Final = 128 << 10  # the metadata stands in the last 128 KiB
_GAP: Final = 16  # zero bytes between tree and records
_DEEPEST: Final = 16
_MOST_VALUES: Final = 2_000  # of one record
_SIZES: Final = {29: (1, 29), 30: (2, 285), 31: (3, 65_821)}
_POINTERS: Final = ((1, 0), (2, 2_048), (3, 526_336), (4, 0))
_LONGEST_NUMBER: Final = 16  # bytes of a uint128
_POINTER, _TEXT, _DOUBLE, _MAP, _ARRAY, _BOOL, _FLOAT = 1, 2, 3, 7, 11, 14, 15
_FRACTIONS: Final = {(_DOUBLE, 8): ">d", (_FLOAT, 4): ">f"}
_UNSIGNED: Final = (5, 6, 9, 10)
_SIGNED: Final = 8


class Mmdb:
    """One open file."""

    def __init__(self, path: Path) -> None:
        """Open a file; raise ConfigError if it is none of this format."""
        self._path = path
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            with os.fdopen(descriptor, "rb") as file:
                self._content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError) as error:
            text = f"cannot open {path}: {getattr(error, 'strerror', None) or error}"
            raise ConfigError(printable(text, 1_000)) from error
        size = len(self._content)
        at = self._content.rfind(_MARKER, max(0, size - _METADATA_BYTES))
        if at < 0:
            raise ConfigError(f"{path} is no MaxMind DB file", hint="give a file named .mmdb")
        head = _Record(self._content, at + len(_MARKER), size).map()
        numbers = [head.get(name) for name in ("node_count", "record_size", "ip_version")]
        nodes, bits, version = (one if isinstance(one, int) else 0 for one in numbers)
        self._nodes, self._bits, self._version = nodes, bits, version
        self._data = nodes * bits // 4 + _GAP
        if bits not in (24, 28, 32) or version not in (4, 6) or not 0 < self._data <= at:
            raise ConfigError(f"{path} is no MaxMind DB file of version 2", hint="fetch it anew")
        self._end = at
        self._ipv4 = 0
        for _ in range(96 if version == 6 else 0):  # IPv4 stands under ::/96
            self._ipv4 = self._child(self._ipv4, 0)

    def find(self, address: Address) -> dict[str, Value]:
        """Return the record of an address; empty if there is none."""
        if address.version == 6 and self._version == 4:
            return {}
        mapped = address.version == 4
        packed = pack(address)[12:] if mapped else address.packed
        bits = int.from_bytes(packed)
        width = len(packed) * 8
        node = self._ipv4 if mapped else 0
        for index in range(width):
            if node >= self._nodes:
                break
            node = self._child(node, bits >> (width - 1 - index) & 1)
        if node <= self._nodes:
            return {}
        at = self._data + node - self._nodes - _GAP
        if not self._data <= at < self._end:
            raise ConfigError(f"{self._path} is corrupt: a record is outside", hint="fetch it anew")
        return _Record(self._content, self._data, self._end).map(at)

    def close(self) -> None:
        """Close the file."""
        self._content.close()

    def _child(self, node: int, bit: int) -> int:
        if node >= self._nodes:
            return node
        size = self._bits // 4
        pair = self._content[node * size : (node + 1) * size]
        if self._bits == 28:
            high = pair[3] >> 4 if bit == 0 else pair[3] & 15
            return high << 24 | int.from_bytes(pair[4 * bit : 4 * bit + 3])
        half = size // 2
        return int.from_bytes(pair[half * bit : half * (bit + 1)])


class _Record:
    """Decodes values between two positions; pointers count from the first."""

    def __init__(self, content: mmap.mmap, base: int, end: int) -> None:
        self._content, self._base, self._end = content, base, end
        self._left = _MOST_VALUES

    def map(self, at: int | None = None) -> dict[str, Value]:
        """Return the map at a position; an empty one if something else stands there."""
        value, _ = self._value(self._base if at is None else at, 0)
        return value if isinstance(value, dict) else {}

    def _take(self, at: int, size: int) -> bytes:
        if size < 0 or at < 0 or at + size > self._end:
            raise ConfigError("a MaxMind DB file is corrupt: a value is cut", hint="fetch it anew")
        return self._content[at : at + size]

    def _value(self, at: int, depth: int) -> tuple[Value, int]:
        self._left -= 1
        if depth > _DEEPEST or self._left < 0:
            raise ConfigError("a MaxMind DB file is corrupt: a record is endless")
        control = self._take(at, 1)[0]
        kind, at = control >> 5, at + 1
        if kind == _POINTER:
            more, base = _POINTERS[control >> 3 & 3]
            high = 0 if more == 4 else (control & 7) << 8 * more
            target = self._base + base + (high | int.from_bytes(self._take(at, more)))
            return self._value(target, depth + 1)[0], at + more
        if kind == 0:
            kind, at = self._take(at, 1)[0] + 7, at + 1
        size = control & 31
        if size in _SIZES:
            more, least = _SIZES[size]
            size, at = least + int.from_bytes(self._take(at, more)), at + more
        if kind == _MAP:
            return self._map(at, size, depth)
        if kind == _ARRAY:
            return self._array(at, size, depth)
        if kind == _BOOL:
            return bool(size), at
        return _plain(kind, self._take(at, size)), at + size

    def _map(self, at: int, size: int, depth: int) -> tuple[Value, int]:
        made: dict[str, Value] = {}
        for _ in range(size):
            key, at = self._value(at, depth + 1)
            made[str(key)], at = self._value(at, depth + 1)
        return made, at

    def _array(self, at: int, size: int, depth: int) -> tuple[Value, int]:
        items: list[Value] = []
        for _ in range(size):
            item, at = self._value(at, depth + 1)
            items.append(item)
        return items, at


def _plain(kind: int, raw: bytes) -> Value:
    if kind == _TEXT:
        return raw.decode("utf-8", "replace")
    if kind in _UNSIGNED and len(raw) <= _LONGEST_NUMBER:
        return int.from_bytes(raw)
    if kind == _SIGNED and len(raw) <= _LONGEST_NUMBER:
        return int.from_bytes(raw.rjust(4, b"\0"), signed=True)
    form = _FRACTIONS.get((kind, len(raw)))
    return float(struct.unpack(form, raw)[0]) if form else raw
