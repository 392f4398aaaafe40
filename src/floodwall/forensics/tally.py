"""Counts by key, exact up to a bound; beyond it the rare keys go, and the error is known.

After Misra and Gries (1982): a count that is shown is never too high, and too low by at most
`error`.  Two tallies merge into one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.hashing import Hashes

ROWS = 1 << 18  # kept at most after a compaction: 19 MB for a key of five words


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
        runs = np.flatnonzero(np.r_[True, self.hashes[1:] != self.hashes[:-1]])
        if len(runs) < len(self) >> 1:
            return self._summed(None, runs).reduced()
        order = np.argsort(self.hashes)
        sorted_hashes = self.hashes[order]
        starts = np.flatnonzero(np.r_[True, sorted_hashes[1:] != sorted_hashes[:-1]])
        return self._summed(order, starts)

    def _summed(self, order: NDArray[np.intp] | None, starts: NDArray[np.intp]) -> "Rows":
        """Return one row for each run of equal keys in an order."""
        heads = starts if order is None else order[starts]
        if len(heads) == len(self):
            return self.take(heads)
        columns = (self.counts, self.first, self.last)
        counts, first, last = columns if order is None else (one[order] for one in columns)
        return Rows(
            self.hashes[heads],
            self.keys[heads],
            np.add.reduceat(counts, starts),
            np.fmin.reduceat(first, starts),
            np.fmax.reduceat(last, starts),
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
        columns: Sequence[NDArray[np.generic]],
        counts: NDArray[np.int64],
        at: NDArray[np.float64],
    ) -> None:
        """Count keys, one column a word, seen at a time that may be NaN."""
        if not len(hashes):
            return
        index = np.arange(len(hashes), dtype=np.uint64)[:, None]  # keys only for those that stay
        rows = self._worth(Rows(hashes, index, counts, at, at).reduced())
        heads = rows.keys[:, 0].astype(np.intp)
        rows.keys = np.stack([column[heads].astype(np.uint64) for column in columns], axis=1)
        self._append(rows)

    def add_rows(self, rows: Rows) -> None:
        """Count keys that are different from each other, in any order."""
        self._append(self._worth(rows))

    def _worth(self, rows: Rows) -> Rows:
        """Return the rows that a table keeps: what comes once goes first when it is full."""
        if self.error:
            rows = rows.take(rows.counts > 1)
            self.error += 1
        return rows

    def merge(self, other: Self) -> None:
        """Count what another tally counted."""
        self._append(other.rows())
        self.error += other.error

    def rows(self) -> Rows:
        """Return all rows."""
        self._compact()
        return self._rows

    def _append(self, rows: Rows) -> None:
        if not len(rows):
            return
        self._waiting.append(rows)
        self._waiting_count += len(rows)
        if self._waiting_count > max(len(self._rows), self._limit >> 2):
            self._compact()

    def _compact(self) -> None:
        if not self._waiting:
            return
        parts = [self._rows, *self._waiting]
        self._rows, self._waiting, self._waiting_count = _none(self._words), [], 0
        joined = Rows.joined(parts)
        del parts  # half of the memory at the height of this
        self._rows = joined.reduced()
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
