"""The bans of single addresses: two of them share a cache line, so that a drop costs one.

Law: a cell is written in place while packets read it.  It is no ban before its address is whole,
and none any more before its address goes.  Writers keep each other out by the lock of the config.
"""

from collections.abc import Iterable, Iterator
from struct import Struct
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from floodwall.kernel import _abi as abi
from floodwall.kernel.maps import Map

CELL: Final = np.dtype(
    [("low", "<u8"), ("high", "<u8"), ("hits", "<u8"), ("until", "<u4"), ("last_hit", "<u4")]
)
"""struct fw_ban_cell of bpf/abi.h; its size is asserted there."""

_HALVES: Final = Struct("<QQ")  # of an address
_MORE: Final = 1
_NEVER: Final = 0x7FFFFFFF  # the tick of what is not lifted by time
_HITS: Final = (1 << 48) - 1
_SEED: Final = 0x6A09E667F3BCC908  # BAN_HASH_SEED of bpf/ban.h
_FACTOR: Final = 0x9E3779B97F4A7C15
_WORD: Final = (1 << 64) - 1


def ticks(expires_ns: int) -> int:
    """Return the tick at which a ban ends, rounded up; 0 ns, until lifted, is the last of all."""
    if not expires_ns:
        return _NEVER
    return min(-(-expires_ns >> abi.BAN_TICK_SHIFT), _NEVER - 1)


def mark(key: bytes, expires_ns: int, bits: int = 0) -> int:
    """Return a number for one ban; the sum of all, modulo 2^64, tells whether one has changed."""
    low, high = _halves(key)
    mixed = (low * _FACTOR + high * _SEED + (ticks(expires_ns) << 8) + bits) & _WORD
    mixed = ((mixed ^ mixed >> 32) * _FACTOR) & _WORD
    return mixed ^ mixed >> 29


def _halves(key: bytes) -> tuple[int, int]:
    low, high = _HALVES.unpack(key)
    return int(low), int(high)


class AddressBans:
    """Looks like a map from 16-byte addresses to struct fw_ban; times are rounded to a tick."""

    name: Final = "bans"

    def __init__(self, cells: Map, overflow: Map) -> None:
        """Use `ban_cells` and, for crowded buckets, `bans` of the data plane."""
        self._overflow = overflow
        self._look_at(cells.view(CELL).reshape(-1, abi.BAN_CELLS))

    def close(self) -> None:
        """Let go of the memory of the cells, which would keep the map alive; all reads as empty."""
        self._look_at(np.zeros((1, abi.BAN_CELLS), CELL))

    @property
    def max_entries(self) -> int:
        """How many addresses there is room for at the least."""
        return self._overflow.max_entries

    def lookup(self, key: bytes) -> bytes | None:
        """Return the ban of an address."""
        bucket = self._bucket(key)
        place = self._place(bucket, key)
        if place is not None:
            return self._ban(bucket, place)
        return self._overflow.lookup(key) if self._has_more(bucket) else None

    def update(self, key: bytes, value: bytes, _flags: int = 0) -> None:
        """Ban an address; one that is banned keeps its hits."""
        ban = abi.Ban.from_buffer_copy(value)
        bucket = self._bucket(key)
        place = self._place(bucket, key)
        until = ticks(ban.expires_ns) << 1
        if place is not None:
            self._until[bucket, place] = until | self._more(bucket, place)
            return
        place = self._free(bucket)
        if place is None:
            self._overflow.update(key, value)
            self._until[bucket, 0] |= _MORE
            return
        self._hits[bucket, place] = ban.hits & _HITS
        self._last[bucket, place] = ban.last_hit_ns >> abi.BAN_TICK_SHIFT
        self._low[bucket, place], self._high[bucket, place] = _HALVES.unpack(key)
        self._until[bucket, place] = until | self._more(bucket, place)
        if self._has_more(bucket):
            self._overflow.delete(key)

    def update_many(self, entries: Iterable[tuple[bytes, bytes]]) -> None:
        """Ban many addresses."""
        for key, value in entries:
            self.update(key, value)

    def delete(self, key: bytes) -> bool:
        """Lift the ban of an address; say whether there was one."""
        bucket = self._bucket(key)
        place = self._place(bucket, key)
        if place is None:
            return self._has_more(bucket) and self._overflow.delete(key)
        self._until[bucket, place] = self._more(bucket, place)
        self._low[bucket, place] = self._high[bucket, place] = 0
        return True

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every banned address with its ban."""
        buckets, places = np.nonzero(self._until >> 1)
        for bucket, place in zip(buckets.tolist(), places.tolist(), strict=True):
            halves = int(self._low[bucket, place]), int(self._high[bucket, place])
            yield _HALVES.pack(*halves), self._ban(bucket, place)
        yield from self._overflow.items()

    def keys(self) -> list[bytes]:
        """Return every banned address."""
        return [key for key, _ in self.items()]

    def clear(self) -> None:
        """Lift all bans."""
        for key in self.keys():
            self.delete(key)
        self._until[self._until != 0] = 0  # and what was said of more

    def marks(self) -> int:
        """Return the sum of the marks of all bans: hits do not change it."""
        tick = self._until >> 1
        used = tick != 0
        low, high = self._low[used], self._high[used]
        mixed = low * np.uint64(_FACTOR) + high * np.uint64(_SEED)
        mixed += tick[used].astype(np.uint64) << np.uint64(8)
        mixed = (mixed ^ mixed >> np.uint64(32)) * np.uint64(_FACTOR)
        total = int((mixed ^ mixed >> np.uint64(29)).sum(dtype=np.uint64))
        for key, value in self._overflow.items():
            total += mark(key, abi.Ban.from_buffer_copy(value).expires_ns)
        return total & _WORD

    def ended(self, now_ns: int) -> list[bytes]:
        """Return the addresses whose ban has ended."""
        tick = self._until >> 1
        buckets, places = np.nonzero((tick != 0) & (tick <= now_ns >> abi.BAN_TICK_SHIFT))
        found = zip(buckets.tolist(), places.tolist(), strict=True)
        keys = [_HALVES.pack(int(self._low[at]), int(self._high[at])) for at in found]
        for key, value in self._overflow.items():
            if 0 < abi.Ban.from_buffer_copy(value).expires_ns <= now_ns:
                keys.append(key)
        return keys

    def forget_guards(self) -> None:
        """Let the kernel ask the never-ban set again for every ban, whatever the epoch says."""
        self._hits &= np.uint64(_HITS)

    def _look_at(self, view: npt.NDArray[Any]) -> None:
        self._low, self._high = view["low"], view["high"]
        self._hits, self._until, self._last = view["hits"], view["until"], view["last_hit"]
        self._mask = len(view) - 1

    def _bucket(self, key: bytes) -> int:
        """Hash as hash_addr() of bpf/hash.h does."""
        mixed = _SEED
        for word in (*_HALVES.unpack(key), 0):
            mixed = ((mixed ^ word) * _FACTOR) & _WORD
            mixed ^= mixed >> 32
        return mixed & self._mask

    def _place(self, bucket: int, key: bytes) -> int | None:
        low, high = _HALVES.unpack(key)
        for place in range(abi.BAN_CELLS):
            same = self._low[bucket, place] == low and self._high[bucket, place] == high
            if same and self._until[bucket, place] >> 1:
                return place
        return None

    def _free(self, bucket: int) -> int | None:
        places = range(abi.BAN_CELLS)
        return next((each for each in places if not self._until[bucket, each] >> 1), None)

    def _has_more(self, bucket: int) -> bool:
        return bool(self._until[bucket, 0] & _MORE)

    def _more(self, bucket: int, place: int) -> int:
        return int(self._until[bucket, 0]) & _MORE if place == 0 else 0

    def _ban(self, bucket: int, place: int) -> bytes:
        until = int(self._until[bucket, place]) >> 1
        return bytes(
            abi.Ban(
                expires_ns=0 if until == _NEVER else until << abi.BAN_TICK_SHIFT,
                hits=int(self._hits[bucket, place]) & _HITS,
                last_hit_ns=int(self._last[bucket, place]) << abi.BAN_TICK_SHIFT,
            )
        )
