"""Requests that a log names, thousands of which become rows of tables at once."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.evidence import Flag, Origin, blank
from floodwall.forensics.hashing import hash_columns, mix
from floodwall.forensics.logs.found import Engine
from floodwall.forensics.logs.runs import Runs
from floodwall.forensics.partial import ODD, Partial
from floodwall.forensics.tally import Rows

MAPPED = np.uint64(0xFFFF << 32)
"""The upper part of the low word of an IPv4 address."""
_ROWS = 1 << 16  # ranks have 16 bits
_HALF = 1 << 32
_LOWER = np.uint64(_HALF - 1)
_SIXTEEN, _PORT = np.uint64(16), np.uint64(0xFFFF)


@dataclass(slots=True)
class Batch:
    """Collects dropped requests until there are enough to be worth sorting."""

    engine: Engine
    words: list[NDArray[np.uint64]] = field(default_factory=list)
    times: list[NDArray[np.float64]] = field(default_factory=list)
    count: int = 0
    credited: list[tuple[NDArray[np.uint64], NDArray[np.int64]]] = field(default_factory=list)
    """Addresses, and what the naive reading gives them."""
    credits: int = 0

    def add(self, partial: Partial, ends: NDArray[np.uint64], at: NDArray[np.float64]) -> None:
        """Take requests (address << 16 | port) at known times; a full batch goes to a partial."""
        words = ends << _SIXTEEN
        for begin in range(0, len(words), _ROWS):
            piece = words[begin : begin + _ROWS]
            if self.count + len(piece) > _ROWS:
                self.flush(partial)
            self.words.append(piece)
            self.times.append(at[begin : begin + _ROWS])
            self.count += len(piece)

    def credit(self, partial: Partial, ends: NDArray[np.uint64], counts: NDArray[np.int64]) -> None:
        """Take what the naive reading credits to the addresses of requests."""
        if len(ends):
            self.credited.append((ends >> _SIXTEEN, counts))
            self.credits += len(ends)
        if self.credits > _ROWS:
            self.flush_credits(partial)

    def flush_credits(self, partial: Partial) -> None:
        """Give a partial the naive reading so far, one row an address."""
        if not self.credits:
            return
        hosts = np.concatenate([one[0] for one in self.credited])
        counts = np.concatenate([one[1] for one in self.credited])
        self.credited, self.credits = [], 0
        if int(counts.max()) < _HALF:  # one word for both: its sort is the fastest
            words = hosts << np.uint64(32) | counts.view(np.uint64)
            words.sort()
            hosts, counts = words >> np.uint64(32), (words & _LOWER).view(np.int64)
        else:
            order = np.argsort(hosts)
            hosts, counts = hosts[order], counts[order]
        heads = np.flatnonzero(np.r_[True, hosts[1:] != hosts[:-1]])
        low = MAPPED | hosts[heads]
        partial.credit(np.zeros_like(low), low, np.add.reduceat(counts, heads))

    def flush(self, partial: Partial) -> None:
        """Give a partial what was collected."""
        self.flush_credits(partial)
        if self.count:
            words, at = np.concatenate(self.words), np.concatenate(self.times)
            self.words, self.times, self.count = [], [], 0
            if partial.selection.is_everything:
                _tell(self.engine, partial, words, at)
            else:
                _tell_some(partial, words, at)


def _tell_some(partial: Partial, words: NDArray[np.uint64], at: NDArray[np.float64]) -> None:
    made = blank(len(words))
    made["at"], made["source_low"] = at, MAPPED | words >> np.uint64(32)
    made["source_port"] = words >> _SIXTEEN & _PORT
    made["flags"], made["origin"] = int(Flag.SYN), int(Origin.DROPPED)
    partial.add_dropped(made)


def _tell(
    engine: Engine, partial: Partial, words: NDArray[np.uint64], at: NDArray[np.float64]
) -> None:
    """Give a partial what it would make of the same requests one by one."""
    moments, rank = _ranks(at)
    words |= rank
    words.sort()
    # In a full table what came once would go at once.
    runs = engine.count(words, 2 if partial.endpoints.error else 1)
    partial.packets.segments += len(words)
    partial.ports.update({index: n for index, n in enumerate(runs.ports.tolist()) if n})
    partial.lives[0] += len(words)
    partial.origins[int(Origin.DROPPED)] += len(words)
    _tell_sources(partial, runs, moments)
    _tell_times(partial, moments, np.bincount(rank.view(np.intp), minlength=len(moments)))


def _ranks(at: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.uint64]]:
    """Return the different times in their order, and which one each row has."""
    step = np.diff(at)
    if (step >= 0).all():
        new = np.r_[True, step > 0]
        return at[new], (np.cumsum(new) - 1).view(np.uint64)
    moments, rank = np.unique(at, return_inverse=True)
    return moments, rank.astype(np.uint64)


def _tell_sources(partial: Partial, runs: Runs, moments: NDArray[np.float64]) -> None:
    """Count by source, and by source and port."""
    hosts, ends = runs.hosts, runs.ends
    low = MAPPED | hosts.keys
    source = hash_columns(np.zeros_like(low), low)
    partial.distinct.add(source)
    nothing = np.zeros(1, np.uint64)
    pair = mix(hash_columns(nothing, nothing, nothing) ^ source * ODD)
    keys = np.zeros((len(low), 5), np.uint64)
    keys[:, 4] = low
    first, last = moments[hosts.first], moments[hosts.last]
    partial.pairs.add_rows(Rows(pair, keys, hosts.counts, first, last))
    port = ends.keys & _PORT
    keys = np.zeros((len(port), 6), np.uint64)
    keys[:, 4], keys[:, 5] = MAPPED | ends.keys >> _SIXTEEN, port
    first, last = moments[ends.first], moments[ends.last]
    hashes = mix(pair[runs.owner] ^ port)
    partial.endpoints.add_rows(Rows(hashes, keys, ends.counts, first, last))


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
