"""All sources as comma-separated values, for spreadsheets and scripts (RFC 4180).

Text of others is written such that no spreadsheet takes it for a formula.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import IPv6Network

import numpy as np
from numpy.typing import NDArray

from floodwall.core.address import Address
from floodwall.forensics.evidence import Origin, address_of, pick
from floodwall.forensics.findings.dropped import LONGEST_UPTIME_S
from floodwall.forensics.group import prefix_text
from floodwall.forensics.moments import iso
from floodwall.forensics.partial import Partial
from floodwall.forensics.tally import Rows
from floodwall.forensics.view import view_of
from floodwall.forensics.words import printable

COLUMNS = (
    "source", "prefix", "requests", "may_be_too_low_by", "naive_reading", "victims",
    "handshakes_completed", "half_open_in_dumps", "first", "last", "country", "network",
)  # fmt: skip
Place = Callable[[Address], tuple[str, str]]
"""Tells country and network of an address, empty where they are not known."""
Source = tuple[int, int]
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_LINES_A_PIECE = 4_096
_MAPPED = 0xFFFF


def _nowhere(_address: Address) -> tuple[str, str]:
    return "", ""


def table(partial: Partial, place: Place = _nowhere) -> Iterator[bytes]:
    """Yield the table in pieces: one line a source, those with most requests first."""
    dumped = _dumped(partial)
    half_open = Counter((high, low) for high, low in dumped.endpoints.rows().keys[:, 3:5].tolist())
    finished, naive = _finished(partial), _naive(partial)
    page = io.StringIO()
    lines = csv.writer(page, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    for done, (source, requests, victims, first, last) in enumerate(_sources(partial, dumped), 1):
        address = address_of(*source)
        names = ("", "") if address is None else place(address)
        lines.writerow((
            "unknown" if address is None else str(address),
            "" if address is None else _prefix(*source),
            requests,
            partial.pairs.error,
            requests + naive[source] if naive else "",
            victims,
            "" if finished is None else finished[source],
            half_open[source] if partial.sockets else "",
            iso(first, relative=partial.relative and last < LONGEST_UPTIME_S) or "",
            iso(last, relative=partial.relative and last < LONGEST_UPTIME_S) or "",
            *(harmless(name) for name in names),
        ))  # fmt: skip
        if done % _LINES_A_PIECE == 0:
            yield page.getvalue().encode()
            page.seek(0)
            page.truncate()
    yield page.getvalue().encode()


def harmless(text: str, longest: int = 160) -> str:
    """Return text that no spreadsheet computes: a quote stands before what could be a formula."""
    shown = printable(text, longest)
    return f"'{shown}" if shown.lstrip().startswith(_FORMULA) else shown


def _sources(partial: Partial, dumped: Partial) -> Iterator[tuple[Source, int, int, float, float]]:
    """Yield sources, requests, number of victims, and the first and last time."""
    asked, waiting = partial.pairs.rows(), dumped.pairs.rows()
    if not len(asked) + len(waiting):
        return
    rows = Rows.joined([asked, waiting])
    rows.counts[len(asked) :] = 0  # what stands in a dump is told by a column of its own
    order = np.lexsort((rows.keys[:, 4], rows.keys[:, 3]))
    keys = rows.keys[order, 3:5]
    starts = np.flatnonzero(np.r_[True, (keys[1:] != keys[:-1]).any(axis=1)])
    totals = np.add.reduceat(rows.counts[order], starts)
    best = np.argsort(-totals, kind="stable")
    columns: tuple[NDArray[np.generic], ...] = (
        totals,
        np.diff(np.append(starts, len(order))),
        np.fmin.reduceat(rows.first[order], starts),
        np.fmax.reduceat(rows.last[order], starts),
    )
    lists = [column[best].tolist() for column in columns]
    for (high, low), *values in zip(keys[starts][best].tolist(), *lists, strict=True):
        yield (high, low), values[0], values[1], values[2], values[3]


def _prefix(high: int, low: int) -> str:
    mapped = high == 0 and low >> 32 == _MAPPED
    return prefix_text(high, low & ~0xFF) if mapped else str(IPv6Network((high << 64, 64)))


def _naive(partial: Partial) -> Counter[Source]:
    """Return suppressed messages by the source of the next line."""
    rows = partial.naive.rows()
    pairs = zip(rows.keys.tolist(), rows.counts.tolist(), strict=True)
    return Counter({(high, low): count for (high, low), count in pairs})


def _dumped(partial: Partial) -> Partial:
    """Return the half-open requests of all dumps."""
    collected = Partial()
    for snapshot in partial.sockets:
        collected.add(pick(snapshot.half_open, np.arange(len(snapshot.half_open))))
    return collected


def _finished(partial: Partial) -> Counter[Source] | None:
    """Return completed handshakes by source; None where not every flow of a capture is known."""
    view = view_of(partial.flows)
    if not partial.origins[Origin.CAPTURE] or view.share != 1:
        return None
    return Counter((high, low) for high, low, _ in view.client[view.completed].tolist())
