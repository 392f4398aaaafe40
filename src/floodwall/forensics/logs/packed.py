"""Requests that a log names, in one machine word each: thousands become rows of tables at once.

A word is address, port and rank of the time, from the highest bits to the lowest, so one sort
brings together what belongs together, in the order of time:

    63            32 31      16 15       0
    IPv4 address     port       rank
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.evidence import Flag, Origin, blank
from floodwall.forensics.hashing import hash_columns, mix
from floodwall.forensics.partial import ODD, Partial
from floodwall.forensics.tally import Rows

MAPPED = np.uint64(0xFFFF << 32)
"""The upper part of the low word of an IPv4 address."""
_ROWS = 1 << 16  # ranks have 16 bits
_SIXTEEN, _PORT = np.uint64(16), np.uint64(0xFFFF)


@dataclass(slots=True)
class Batch:
    """Collects dropped requests until there are enough to be worth sorting."""

    words: list[NDArray[np.uint64]] = field(default_factory=list)
    times: list[NDArray[np.float64]] = field(default_factory=list)
    count: int = 0

    def add(
        self,
        partial: Partial,
        address: NDArray[np.uint64],
        port: NDArray[np.uint64],
        at: NDArray[np.float64],
    ) -> None:
        """Take requests, at times that are known; a full batch goes to a partial."""
        words = (address << _SIXTEEN | port) << _SIXTEEN
        for begin in range(0, len(words), _ROWS):
            piece = words[begin : begin + _ROWS]
            if self.count + len(piece) > _ROWS:
                self.flush(partial)
            self.words.append(piece)
            self.times.append(at[begin : begin + _ROWS])
            self.count += len(piece)

    def flush(self, partial: Partial) -> None:
        """Give a partial what was collected."""
        if self.count:
            words, at = np.concatenate(self.words), np.concatenate(self.times)
            self.words, self.times, self.count = [], [], 0
            if partial.selection.is_everything:
                _tell(partial, words, at)
            else:
                _tell_some(partial, words, at)


def _tell_some(partial: Partial, words: NDArray[np.uint64], at: NDArray[np.float64]) -> None:
    made = blank(len(words))
    made["at"], made["source_low"] = at, MAPPED | words >> np.uint64(32)
    made["source_port"] = words >> _SIXTEEN & _PORT
    made["flags"], made["origin"] = int(Flag.SYN), int(Origin.DROPPED)
    partial.add_dropped(made)


def _tell(partial: Partial, words: NDArray[np.uint64], at: NDArray[np.float64]) -> None:
    """Give a partial what it would make of the same requests one by one."""
    moments, rank = _ranks(at)
    words |= rank
    words.sort()
    ports = np.bincount((words >> np.uint64(26) & np.uint64(63)).view(np.intp))
    partial.packets.segments += len(words)
    partial.ports.update({index: n for index, n in enumerate(ports.tolist()) if n})
    partial.lives[0] += len(words)
    partial.origins[int(Origin.DROPPED)] += len(words)
    ends = words >> _SIXTEEN
    starts = np.flatnonzero(np.r_[True, ends[1:] != ends[:-1]])
    edges = np.r_[starts, len(words)]
    first_at = moments[(words[starts] & _PORT).view(np.intp)]
    last_at = moments[(words[edges[1:] - 1] & _PORT).view(np.intp)]
    _tell_sources(partial, ends[starts], edges, (first_at, last_at))
    _tell_times(partial, moments, np.bincount(rank.view(np.intp), minlength=len(moments)))


def _ranks(at: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
    """Return the different times in their order, and which one each row has."""
    step = np.diff(at)
    if (step >= 0).all():
        new = np.r_[True, step > 0]
        return at[new], (np.cumsum(new) - 1).view(np.uint64)
    moments, rank = np.unique(at, return_inverse=True)
    return moments, rank.astype(np.uint64)


def _tell_sources(
    partial: Partial,
    ends: NDArray[np.uint64],
    edges: NDArray[np.intp],
    times: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Count by source, and by source and port, whose words lie between the edges."""
    hosts, counts = ends >> _SIXTEEN, np.diff(edges)
    new = np.r_[True, hosts[1:] != hosts[:-1]]
    heads = np.flatnonzero(new)
    hosts = hosts[heads]
    low = MAPPED | hosts
    source = hash_columns(np.zeros_like(low), low)
    partial.distinct.add(source)
    nothing = np.zeros(1, np.uint64)
    pair = mix(hash_columns(nothing, nothing, nothing) ^ source * ODD)
    keys = np.zeros((len(low), 5), np.uint64)
    keys[:, 4] = low
    first, last = np.minimum.reduceat(times[0], heads), np.maximum.reduceat(times[1], heads)
    total = np.diff(edges[np.r_[heads, len(ends)]])
    partial.pairs.add_rows(Rows(pair, keys, total, first, last))
    owner = np.cumsum(new) - 1
    if partial.endpoints.error:  # what came once would go at once
        often = np.flatnonzero(counts > 1)
        ends, counts, owner = ends[often], counts[often], owner[often]
        times = (times[0][often], times[1][often])
    port = ends & _PORT
    keys = np.zeros((len(ends), 6), np.uint64)
    keys[:, 4], keys[:, 5] = MAPPED | ends >> _SIXTEEN, port
    partial.endpoints.add_rows(Rows(mix(pair[owner] ^ port), keys, counts, *times))


def _tell_times(partial: Partial, moments: NDArray[np.float64], counts: NDArray[np.int64]) -> None:
    """Count by second, and all of them."""
    nothing = np.zeros(1, np.uint64)
    victim = hash_columns(nothing, nothing, nothing)
    second = np.floor(moments).astype(np.int64).astype(np.uint64)
    blanks = np.zeros_like(second)
    columns = [blanks, blanks, blanks, second]
    partial.cells.add(mix(victim ^ second), columns, counts, moments)
    total = np.array([counts.sum()])
    keys = np.zeros((1, 3), np.uint64)
    partial.victims.add_rows(Rows(victim, keys, total, moments[:1], moments[-1:]))
