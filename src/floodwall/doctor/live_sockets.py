"""TCP sockets by socket diagnostics: backlogs and silence as well.  Minimum kernel: 4.1."""

from collections.abc import Iterable

from floodwall.core.address import unpack
from floodwall.core.model import Endpoint
from floodwall.doctor.sample import Held, Requests, Socket, Sockets
from floodwall.kernel import sockdiag

_SILENT_AFTER_MS = 500  # as the daemon's sensor: a request follows within a round trip, if at all
_Place = tuple[bytes, int]


def read_sockets() -> Sockets:
    """Return the sockets of this network namespace."""
    listening = tuple(
        Socket(Endpoint(one.addr, one.port), one.ifindex, one.backlog, one.accept_queue, one.inode)
        for one in sockdiag.listeners()
    )
    return Sockets(listening, _requests(sockdiag.half_open()), _held(sockdiag.established()))


def _requests(rows: Iterable[sockdiag.HalfOpen]) -> dict[Endpoint, Requests]:
    found: dict[_Place, list[sockdiag.HalfOpen]] = {}
    for row in rows:
        found.setdefault((row.local, row.local_port), []).append(row)
    return {
        Endpoint(unpack(address), port): Requests(
            len(entries),
            sum([entry.retransmits > 0 for entry in entries]),
            frozenset([entry.remote for entry in entries]),
        )
        for (address, port), entries in found.items()
    }


def _held(rows: Iterable[sockdiag.Established]) -> tuple[Held, ...]:
    places: dict[_Place, Endpoint] = {}
    found = []
    for row in rows:
        place = (row.local, row.local_port)
        if place not in places:
            places[place] = Endpoint(unpack(row.local), row.local_port)
        silent = not row.received_bytes and row.quiet_ms > _SILENT_AFTER_MS
        found.append(Held(places[place], row.remote, row.cookie, silent))
    return tuple(found)
