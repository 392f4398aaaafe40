"""Half-open connections of this network namespace, and which of their sources are proven."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, islice
from operator import attrgetter

from floodwall.core.address import unpack
from floodwall.core.model import Ages, Endpoint, HalfOpen
from floodwall.core.relief import DESTROY_MAX
from floodwall.kernel import sockdiag

ENTRIES_MAX = DESTROY_MAX
"""Entries that are looked at in one second; nothing could be done about more."""

FIRST_WAIT_MS = 1100
"""TCP_TIMEOUT_INIT and a tick; who may end his handshake late (TCP_DEFER_ACCEPT) waits longer."""

SECOND_LEFT_MS = 1000
"""An entry whose SYN-ACK was sent twice waits two seconds more; in the first of them it has as
much left, or more."""

_PLACE = attrgetter("local", "local_port")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Half-open entries: a bounded part of them one by one, and how many there are."""

    entries: tuple[HalfOpen, ...]
    requests: Mapping[Endpoint, int]
    """All of them, by local endpoint."""
    ages: Mapping[Endpoint, Ages] = field(default_factory=dict)
    """The youngest of all of them, if they were asked for."""


def read_half_open(is_proven: Callable[[bytes], bool], *, ages: bool = False) -> Waiting:
    """Return what is half open; `is_proven` looks up a packed address in the data plane."""
    rows = sockdiag.half_open()
    counts = Counter(map(_PLACE, rows))
    places = {place: Endpoint(unpack(place[0]), place[1]) for place in counts}
    return Waiting(
        entries=_entries(_longest_first(rows), places, is_proven),
        requests={places[place]: count for place, count in counts.items()},
        ages={places[place]: each for place, each in _ages(rows)} if ages else {},
    )


def _ages(rows: list[sockdiag.HalfOpen]) -> Iterator[tuple[tuple[bytes, int], Ages]]:
    first = Counter(
        (row.local, row.local_port)
        for row in rows
        if not row.retransmits and row.expires_ms <= FIRST_WAIT_MS
    )
    second = Counter(
        (row.local, row.local_port)
        for row in rows
        if row.retransmits == 1 and row.expires_ms >= SECOND_LEFT_MS
    )
    for place in first | second:
        yield place, Ages(first[place], second[place])


def _longest_first(rows: list[sockdiag.HalfOpen]) -> Iterable[sockdiag.HalfOpen]:
    """Choose, if there are too many, those whose SYN-ACK was sent again already."""
    if len(rows) <= ENTRIES_MAX:
        return rows
    old = (row for row in rows if row.retransmits)
    young = (row for row in rows if not row.retransmits)
    return islice(chain(old, young), ENTRIES_MAX)


def _entries(
    rows: Iterable[sockdiag.HalfOpen],
    places: Mapping[tuple[bytes, int], Endpoint],
    is_proven: Callable[[bytes], bool],
) -> tuple[HalfOpen, ...]:
    verdicts: dict[bytes, bool] = {}
    found = []
    for row in rows:
        remote = row.remote
        if remote not in verdicts:
            verdicts[remote] = is_proven(remote)
        found.append(
            HalfOpen(
                local=places[row.local, row.local_port],
                remote=Endpoint(unpack(remote), row.remote_port),
                retransmits=row.retransmits,
                proven=verdicts[remote],
                handle=row,
            )
        )
    return tuple(found)
