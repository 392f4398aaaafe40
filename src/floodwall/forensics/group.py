"""The requests to one victim, or to several, drawn from a partial."""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from floodwall.forensics.evidence import address_of
from floodwall.forensics.finding import Fingerprint, Sources, Talker
from floodwall.forensics.layout import layout_text
from floodwall.forensics.partial import Partial
from floodwall.forensics.space import spaces_of
from floodwall.forensics.tally import Rows, Tally

TOP = 20
_IPV4 = 0xFFFF
Choice = NDArray[np.bool_]


@dataclass(slots=True)
class Group:
    """Requests to a choice of victims."""

    pairs: Rows
    victims: Rows
    endpoints: Rows
    cells: Rows
    shapes: Rows
    error: int
    """Highest error of any count by source."""
    endpoint_error: int
    partial: Partial

    @property
    def observed(self) -> int:
        """Return the number of requests that were seen one by one."""
        return int(self.victims.counts.sum())

    def times(self) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return seconds with requests, and how many; NaN where the input has no times."""
        known = ~np.isnan(self.cells.first)
        seconds = self.cells.keys[:, 3].astype(np.int64).astype(np.float64)
        return np.where(known, seconds, np.nan), self.cells.counts

    def span(self) -> tuple[float | None, float | None]:
        """Return the first and the last time."""
        if not len(self.victims) or np.isnan(self.victims.first).all():
            return None, None
        return float(np.nanmin(self.victims.first)), float(np.nanmax(self.victims.last))

    def sources(self, naive: Counter[tuple[int, int]] | None = None) -> Sources:
        """Return who asked."""
        by_source = _summed(self.pairs, self.pairs.keys[:, 3:5])
        top = _talkers(by_source, self.error, naive)
        ends = _summed(self.endpoints, self.endpoints.keys[:, 3:6])
        endpoints = _talkers(ends, self.endpoint_error)
        prefixes = _talkers(
            _summed(self.pairs, prefixes_of(self.pairs.keys[:, 3:5])), self.error, bits=True
        )
        spaces = spaces_of(self.pairs.keys[:, 3], self.pairs.keys[:, 4], self.pairs.counts)
        if not self.error:
            count = len(by_source.counts)
            return Sources(count, True, count, count, top, endpoints, prefixes, spaces=spaces)
        value, low, high = self.partial.distinct.estimate()
        return Sources(
            round(value),
            False,
            round(low),
            round(high),
            top,
            endpoints,
            prefixes,
            "too many sources to keep: HyperLogLog over all requests, with its 95 % interval",
            spaces,
        )

    def fingerprints(self) -> tuple[Fingerprint, ...]:
        """Return the commonest forms of SYN."""
        shapes = _summed(self.shapes, self.shapes.keys[:, 3:8])
        order = np.argsort(-shapes.counts, kind="stable")[:TOP]
        return tuple(
            Fingerprint(
                layout_text(int(layout)),
                int(window),
                int(mss),
                int(ttl),
                _flags_text(int(flags)),
                int(count),
            )
            for (layout, window, mss, ttl, flags), count in zip(
                shapes.keys[order].tolist(), shapes.counts[order].tolist(), strict=True
            )
        )

    def ttls(self) -> tuple[tuple[int, int], ...]:
        """Return requests by the TTL that was probably sent."""
        counted = np.bincount(self.shapes.keys[:, 6].astype(np.intp), self.shapes.counts)
        return tuple((int(ttl), int(counted[ttl])) for ttl in np.flatnonzero(counted))

    def source_ports(self) -> tuple[int, ...]:
        """Return requests by class of source port."""
        classes = (self.endpoints.keys[:, 5] >> np.uint64(10)).astype(np.intp)
        counted = np.bincount(classes, self.endpoints.counts, minlength=64)
        return tuple(int(value) for value in counted)


def group_of(partial: Partial, victims: NDArray[np.uint64] | None = None) -> Group:
    """Return the requests to victims, rows of high, low and port; to all if none are named."""

    def rows(tally: Tally) -> Rows:
        all_of = tally.rows()
        if victims is None:
            return all_of
        return all_of.take(chosen(all_of.keys[:, :3], victims))

    return Group(
        rows(partial.pairs),
        rows(partial.victims),
        rows(partial.endpoints),
        rows(partial.cells),
        rows(partial.shapes),
        partial.pairs.error,
        partial.endpoints.error,
        partial,
    )


def chosen(keys: NDArray[np.uint64], victims: NDArray[np.uint64]) -> Choice:
    """Tell which keys are among the victims."""
    wanted = {tuple(row) for row in victims.tolist()}
    if not len(keys):
        return np.zeros(0, np.bool_)
    different, index = np.unique(keys, axis=0, return_inverse=True)
    hit = np.fromiter((tuple(row) in wanted for row in different.tolist()), np.bool_)
    return hit[index.ravel()]


def prefix_text(high: int, low: int) -> str:
    """Return the /24 or /64 of an address."""
    address = address_of(high, low)
    return f"{address}/{24 if address is not None and address.version == 4 else 64}"


def prefixes_of(keys: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the /24 or /64 of addresses, rows of high and low."""
    high, low = keys[:, 0], keys[:, 1]
    mapped = (high == 0) & (low >> np.uint64(32) == _IPV4)
    masked = np.where(mapped, low & ~np.uint64(0xFF), np.uint64(0))
    return np.column_stack([high, masked])


@dataclass(slots=True)
class _Sums:
    keys: NDArray[np.uint64]
    counts: NDArray[np.int64]
    first: NDArray[np.float64]
    last: NDArray[np.float64]


def _summed(rows: Rows, keys: NDArray[np.uint64]) -> _Sums:
    if not len(rows):
        return _Sums(keys, rows.counts, rows.first, rows.last)
    order = np.lexsort(keys.T[::-1])
    keys = keys[order]
    starts = np.flatnonzero(np.r_[True, (keys[1:] != keys[:-1]).any(axis=1)])
    return _Sums(
        keys[starts],
        np.add.reduceat(rows.counts[order], starts),
        np.fmin.reduceat(rows.first[order], starts),
        np.fmax.reduceat(rows.last[order], starts),
    )


def _talkers(
    sums: _Sums, error: int, naive: Counter[tuple[int, int]] | None = None, *, bits: bool = False
) -> tuple[Talker, ...]:
    order = np.argsort(-sums.counts, kind="stable")[:TOP]
    made = []
    for index in order.tolist():
        key = [int(word) for word in sums.keys[index]]
        address = address_of(key[0], key[1])
        name = prefix_text(key[0], key[1]) if bits else str(address)
        if len(key) == 3:
            name = f"[{name}]:{key[2]}" if ":" in name else f"{name}:{key[2]}"
        count = int(sums.counts[index])
        credited = None
        if naive is not None and address is not None:
            credited = count + naive[key[0], key[1]]
        times = (float(sums.first[index]), float(sums.last[index]))
        first, last = (None if np.isnan(at) else at for at in times)
        made.append(Talker(name, count, credited, error, first, last))
    return tuple(made)


def _flags_text(flags: int) -> str:
    names = ("FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR")
    return "+".join(name for bit, name in enumerate(names) if flags >> bit & 1)
