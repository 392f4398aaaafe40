"""Counts by key, exact up to a bound; beyond it the rare keys go, and the error is known.

After Misra and Gries (1982): a count that is shown is never too high, and too low by at most
`error`.  Two tallies merge into one.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.hashing import Hashes

ROWS = 1 << 19  # kept at most after a compaction: 40 MB for a key of five words


@dataclass(slots=True)
class Rows:
    """Keys with what was counted for each; columns of the same length, sorted by hash."""

    hashes: Hashes
    keys: NDArray[np.uint64]
    """One row of words a key."""
    counts: NDArray[np.int64]
    first: NDArray[np.float64]
    last: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.hashes)

    def take(self, which: NDArray[np.generic]) -> "Rows":
        """Return some of the rows."""
        columns = (self.hashes, self.keys, self.counts, self.first, self.last)
        return Rows(*(column[which] for column in columns))

    def reduced(self) -> "Rows":
        """Return one row a key, sorted by hash."""
        if not len(self):
            return self
        order = np.argsort(self.hashes)
        rows = self.take(order)
        starts = np.flatnonzero(np.r_[True, rows.hashes[1:] != rows.hashes[:-1]])
        if len(starts) == len(rows):
            return rows
        return Rows(
            rows.hashes[starts],
            rows.keys[starts],
            np.add.reduceat(rows.counts, starts),
            np.fmin.reduceat(rows.first, starts),
            np.fmax.reduceat(rows.last, starts),
        )

    @classmethod
    def joined(cls, parts: "list[Rows]") -> "Rows":
        """Return all rows behind each other."""
        columns = zip(
            *((part.hashes, part.keys, part.counts, part.first, part.last) for part in parts),
            strict=True,
        )
        return cls(*(np.concatenate(column) for column in columns))


class Tally:
    """Counts keys of a fixed number of words; bounded."""

    def __init__(self, words: int, rows: int = ROWS) -> None:
        self._words = words
        self._limit = rows
        self._rows = _none(words)
        self._waiting: list[Rows] = []
        self._waiting_count = 0
        self.error = 0
        """The most that any count may be too low by; 0 while all is exact."""

    def add(
        self,
        hashes: Hashes,
        keys: NDArray[np.uint64],
        counts: NDArray[np.int64],
        at: NDArray[np.float64],
    ) -> None:
        """Count keys, seen at a time that may be NaN."""
        if not len(hashes):
            return
        self._append(Rows(hashes, keys, counts, at, at).reduced())

    def merge(self, other: Self) -> None:
        """Count what another tally counted."""
        self._append(other.rows())
        self.error += other.error

    def rows(self) -> Rows:
        """Return all rows."""
        self._compact()
        return self._rows

    def _append(self, rows: Rows) -> None:
        self._waiting.append(rows)
        self._waiting_count += len(rows)
        if self._waiting_count > max(len(self._rows), self._limit >> 2):
            self._compact()

    def _compact(self) -> None:
        if not self._waiting:
            return
        self._rows = Rows.joined([self._rows, *self._waiting]).reduced()
        self._waiting, self._waiting_count = [], 0
        if len(self._rows) > self._limit:
            self._prune()

    def _prune(self) -> None:
        """Let the keys go that were counted least; as many stay as half the bound, or fewer."""
        keep = self._limit >> 1
        counts = self._rows.counts
        cut = int(np.partition(counts, len(counts) - keep - 1)[len(counts) - keep - 1])
        self._rows = self._rows.take(counts > cut)
        self.error += cut


def _none(words: int) -> Rows:
    numbers = np.zeros(0, np.float64)
    return Rows(
        np.zeros(0, np.uint64),
        np.zeros((0, words), np.uint64),
        np.zeros(0, np.int64),
        numbers,
        numbers,
    )
