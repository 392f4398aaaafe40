"""Handshakes: what each pair of endpoints did, in both directions, bounded.

A flow is kept under a hash of its two endpoints that is the same for both directions.  When there
are too many flows, those whose hash is above a threshold go: what stays is a fair sample of all
flows, and shares that are computed from it carry a confidence interval.
"""

from dataclasses import dataclass, field
from typing import Self

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.evidence import Flag, Segments, blank, pick
from floodwall.forensics.hashing import Hashes, hash_columns, mix

ROWS = 1 << 17  # of about 300 bytes; three times that while compacting
# Columns of Flows.counts, once for each direction.
SYN, SYN_ACK, ACK, RST, FIN, ODD, DATA = range(7)
_KINDS = 7
# Columns of Flows.times, once for each direction: first and last SYN, first ACK, last SYN-ACK,
# last packet.
FIRST_SYN, LAST_SYN, FIRST_ACK, LAST_SYN_ACK, FIRST, LAST = range(6)
_TIMES = 6
_IS_MINIMUM = np.array([True, False, True, False, True, False])
# Columns of Flows.numbers: first sequence number of the SYN, and of the first ACK, seen.
_ISN, _ACK_SEQUENCE = range(2)
_UNSEEN = np.int64(1 << 33)


@dataclass(slots=True)
class Flows:
    """Columns, one row a flow; axis 1 of the last three is the direction: 0 is `near` to `far`."""

    hashes: Hashes
    near: NDArray[np.uint64]
    """Endpoint of the lower hash: high, low, port."""
    far: NDArray[np.uint64]
    counts: NDArray[np.int64]
    times: NDArray[np.float64]
    numbers: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.hashes)

    def columns(self) -> tuple[NDArray[np.generic], ...]:
        """Return the columns in the order of the fields."""
        return (self.hashes, self.near, self.far, self.counts, self.times, self.numbers)

    def take(self, which: NDArray[np.generic]) -> "Flows":
        """Return some of the rows."""
        return Flows(*(column[which] for column in self.columns()))

    def reduced(self) -> "Flows":
        """Return one row a flow, sorted by hash."""
        if not len(self):
            return self
        rows = self.take(np.argsort(self.hashes))
        starts = np.flatnonzero(np.r_[True, rows.hashes[1:] != rows.hashes[:-1]])
        if len(starts) == len(rows):
            return rows
        times = np.empty((len(starts), 2, _TIMES))
        lowest = np.fmin.reduceat(rows.times[:, :, _IS_MINIMUM], starts)
        highest = np.fmax.reduceat(rows.times[:, :, ~_IS_MINIMUM], starts)
        times[:, :, _IS_MINIMUM], times[:, :, ~_IS_MINIMUM] = lowest, highest
        return Flows(
            rows.hashes[starts],
            rows.near[starts],
            rows.far[starts],
            np.add.reduceat(rows.counts, starts),
            times,
            np.minimum.reduceat(rows.numbers, starts),
        )

    @classmethod
    def joined(cls, parts: "list[Flows]") -> "Flows":
        """Return all rows behind each other."""
        columns = zip(*(part.columns() for part in parts), strict=True)
        return cls(*(np.concatenate(column) for column in columns))


def _none() -> Flows:
    return Flows(
        np.zeros(0, np.uint64),
        np.zeros((0, 3), np.uint64),
        np.zeros((0, 3), np.uint64),
        np.zeros((0, 2, _KINDS), np.int64),
        np.zeros((0, 2, _TIMES)),
        np.zeros((0, 2, 2), np.int64),
    )


@dataclass(slots=True)
class _Waiting:
    """Segments, the hashes of their flows, and whether they go from far to near."""

    segments: Segments
    hashes: Hashes
    reverse: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.hashes)

    def take(self, which: NDArray[np.generic]) -> "_Waiting":
        """Return some of them."""
        return _Waiting(pick(self.segments, which), self.hashes[which], self.reverse[which])

    @classmethod
    def joined(cls, parts: "list[_Waiting]") -> "_Waiting":
        """Return all behind each other."""
        return cls(
            np.concatenate([part.segments for part in parts]),
            np.concatenate([part.hashes for part in parts]),
            np.concatenate([part.reverse for part in parts]),
        )


def _nothing() -> _Waiting:
    return _Waiting(blank(0), np.zeros(0, np.uint64), np.zeros(0, np.bool_))


@dataclass(slots=True)
class FlowTable:
    """Collects segments into flows; `share` is the part of all flows that is kept.

    Floods are made of flows of one segment: those stay segments, a third as large as a row.
    """

    limit: int = ROWS
    shift: int = 0
    _rows: Flows = field(default_factory=_none)
    _single: _Waiting = field(default_factory=_nothing)
    _waiting: list[_Waiting] = field(default_factory=list)
    _waiting_count: int = 0

    @property
    def share(self) -> float:
        """Return the part of all flows that is kept: 1, or a power of one half."""
        return 0.5**self.shift

    def add(self, segments: Segments) -> None:
        """Take segments in any order."""
        source = hash_columns(
            segments["source_high"], segments["source_low"], segments["source_port"]
        )
        victim = hash_columns(segments["victim_high"], segments["victim_low"], segments["port"])
        added = _Waiting(segments, mix(source + victim), source > victim)
        if self.shift:
            added = added.take(self._kept(added.hashes))
        if not len(added):
            return
        self._waiting.append(added)
        self._waiting_count += len(added)
        if self._waiting_count > self.limit >> 1:
            self._compact()

    def merge(self, other: Self) -> None:
        """Take what another table collected."""
        self._compact()
        other._compact()
        self.shift = max(self.shift, other.shift)
        if len(other._rows):
            self._rows = Flows.joined([self._rows, other._rows]).reduced()
        self._thin()
        single = other._single
        self._waiting.append(single.take(self._kept(single.hashes)) if self.shift else single)
        self._compact()  # also those of ours that are rows of the other

    def rows(self) -> Flows:
        """Return all flows that are kept."""
        self._compact()
        single = self._single
        if not len(single):
            return self._rows
        rows = _rows_of(single.segments, single.hashes, single.reverse)
        return Flows.joined([self._rows, rows]).reduced()

    def _compact(self) -> None:
        if not self._waiting:
            return
        found = _Waiting.joined([self._single, *self._waiting])
        self._waiting, self._waiting_count = [], 0
        if not len(found):
            self._bound()
            return
        order = np.argsort(found.hashes)
        hashes = found.hashes[order]
        new = np.r_[True, hashes[1:] != hashes[:-1], True]
        alone = new[1:] & new[:-1]
        if len(self._rows):
            at = np.minimum(np.searchsorted(self._rows.hashes, hashes), len(self._rows) - 1)
            alone &= self._rows.hashes[at] != hashes
        self._single = found.take(order[alone])
        several = found.take(order[~alone])
        if len(several):
            rows = _rows_of(several.segments, several.hashes, several.reverse).reduced()
            self._rows = Flows.joined([self._rows, rows]).reduced()
        self._bound()

    def _bound(self) -> None:
        while len(self._rows) + len(self._single) > self.limit:
            self.shift += 1
            self._thin()

    def _thin(self) -> None:
        if self.shift:
            self._rows = self._rows.take(self._kept(self._rows.hashes))
            self._single = self._single.take(self._kept(self._single.hashes))

    def _kept(self, hashes: Hashes) -> NDArray[np.bool_]:
        return np.asarray(hashes >> np.uint64(64 - self.shift) == 0, np.bool_)


def _rows_of(segments: Segments, hashes: Hashes, reverse: NDArray[np.bool_]) -> Flows:
    """Return one row a segment; `reverse` says that it goes from far to near."""
    count = len(segments)
    source = _ends(segments, "source_high", "source_low", "source_port")
    victim = _ends(segments, "victim_high", "victim_low", "port")
    turned = reverse[:, None]
    flows = Flows(
        hashes,
        np.where(turned, victim, source),
        np.where(turned, source, victim),
        np.zeros((count, 2, _KINDS), np.int64),
        np.full((count, 2, _TIMES), np.nan),
        np.full((count, 2, 2), _UNSEEN),
    )
    row, way = np.arange(count), reverse.astype(np.intp)
    kind = kinds_of(segments["flags"])
    at = segments["at"]
    flows.counts[row, way, kind] = segments["weight"]
    flows.counts[row, way, DATA] = segments["data"]
    flows.times[row, way, FIRST] = flows.times[row, way, LAST] = at
    for chosen, first, last in ((SYN, FIRST_SYN, LAST_SYN), (ACK, FIRST_ACK, None)):
        which = np.flatnonzero(kind == chosen)
        for column in (first, last):
            if column is not None:
                flows.times[which, way[which], column] = at[which]
        number = _ISN if chosen == SYN else _ACK_SEQUENCE
        flows.numbers[which, way[which], number] = segments["sequence"][which]
    which = np.flatnonzero(kind == SYN_ACK)
    flows.times[which, way[which], LAST_SYN_ACK] = at[which]
    return flows


def _ends(segments: Segments, *names: str) -> NDArray[np.uint64]:
    return np.stack([segments[name].astype(np.uint64) for name in names], axis=1)


def _kind_table() -> NDArray[np.intp]:
    """Return what each byte of flags is; ODD is what no stack sends, RFC 9293 section 3.10.7."""
    table = np.full(256, ODD, np.intp)
    for flags in range(256):
        core = flags & (Flag.FIN | Flag.SYN | Flag.RST | Flag.ACK)
        if core == Flag.SYN and not flags & Flag.URG:
            table[flags] = SYN
        elif core == Flag.SYN | Flag.ACK:
            table[flags] = SYN_ACK
        elif core in (Flag.RST, Flag.RST | Flag.ACK):
            table[flags] = RST
        elif core == Flag.FIN | Flag.ACK:
            table[flags] = FIN
        elif core == Flag.ACK:
            table[flags] = ACK
    return table


_KIND = _kind_table()


def kinds_of(flags: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return the kind of each segment by its flags: a column of Flows.counts."""
    return _KIND[flags]
