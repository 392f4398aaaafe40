"""Who holds how many connections with each service, and how many of them say nothing.

Everybody listed here completed a handshake: these addresses are proven.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from floodwall.core.address import Address, Network, pack, unpack
from floodwall.core.model import SECOND_NS, Endpoint
from floodwall.core.networks import as_network
from floodwall.core.signs import Connections, Peer
from floodwall.kernel import sockdiag
from floodwall.kernel.sockdiag import Established

PEERS_MAX = 64
"""Largest peers of a service by each of concurrent, silent, opened and mute connections."""

SOCKETS_A_SECOND = 50_000
"""With more connections than so they are read every second, third... second only."""

_MS_IN_S = 1000
_MUTE_AFTER_MS = 500  # Connections.silent: a request follows within a round trip, if at all
_CONCURRENT, _SILENT, _OPENED, _MUTE, _PORT = range(5)
_Tally = list[int]  # four counts in this order, and the remote port of one connection


@dataclass(frozen=True, slots=True)
class Among:
    """Whose connections are looked at, and how."""

    keys: Mapping[Endpoint, int]
    """Services by local endpoint."""
    own: Collection[Address]
    """Addresses of this machine: what it holds with itself is left out."""
    idle_s: float
    banned: Collection[Network] = frozenset()
    """Their connections stay open until the server ends them; it is of no use to name them."""


@dataclass(slots=True)
class _Held:
    """What is held with one service."""

    silent: int = 0
    peers: dict[bytes, _Tally] = field(default_factory=dict)


@dataclass(slots=True)
class ConnectionSensor:
    """Reads established connections; remembers which there were."""

    _cookies: frozenset[int] | None = None
    _read_ns: int = 0
    _wait: int = 0

    def read(self, now_ns: int, among: Among) -> tuple[Connections, ...] | None:
        """Return the connections of each service; None in a second that is left out."""
        if self._wait:
            self._wait -= 1
            return None
        rows = sockdiag.established()
        before, self._cookies = self._cookies, frozenset(row.cookie for row in rows)
        elapsed_s = max(1, round((now_ns - self._read_ns) / SECOND_NS))
        self._read_ns, self._wait = now_ns, len(rows) // SOCKETS_A_SECOND
        new = frozenset() if before is None else self._cookies - before
        held = _tally(_of_services(rows, among), new, int(among.idle_s * _MS_IN_S))
        return tuple(
            _connections(index, held.get(index, _Held()), elapsed_s, among.banned)
            for index in sorted(set(among.keys.values()))
        )


def _of_services(rows: Iterable[Established], among: Among) -> Iterator[tuple[int, Established]]:
    """Leave out what leads to no service, and what we hold with ourselves."""
    places = {(pack(key.address), key.port): index for key, index in among.keys.items()}
    ourselves = {pack(address) for address in among.own}
    for row in rows:
        index = places.get((row.local, row.local_port))
        if index is not None and row.remote not in ourselves:
            yield index, row


def _tally(
    rows: Iterable[tuple[int, Established]], new: Collection[int], idle_ms: int
) -> dict[int, _Held]:
    found: dict[int, _Held] = {}
    for index, row in rows:
        held = found.get(index)
        if held is None:
            held = found[index] = _Held()
        peer = held.peers.get(row.remote)
        if peer is None:
            peer = held.peers[row.remote] = [0, 0, 0, 0, row.remote_port]
        peer[_CONCURRENT] += 1
        peer[_OPENED] += row.cookie in new
        said_nothing = not row.received_bytes
        held.silent += said_nothing and row.quiet_ms > _MUTE_AFTER_MS
        if row.quiet_ms >= idle_ms:
            peer[_SILENT] += 1
            peer[_MUTE] += said_nothing
    return found


def _connections(
    index: int, held: _Held, elapsed_s: int, banned: Collection[Network]
) -> Connections:
    """Sum one service up.

    What is new is told for one second, rounded down for a peer: in doubt it opened fewer, and
    peers never have more together than there are.
    """
    everybody = held.peers.values()
    return Connections(
        index=index,
        established=sum(peer[_CONCURRENT] for peer in everybody),
        silent=held.silent,
        opened=-(-sum(peer[_OPENED] for peer in everybody) // elapsed_s),
        sources=len(held.peers),
        peers=tuple(
            Peer(address, concurrent, silent, opened // elapsed_s, mute, port)
            for address, (concurrent, silent, opened, mute, port) in _largest(held.peers, banned)
        ),
    )


def _largest(
    peers: Mapping[bytes, _Tally], banned: Collection[Network]
) -> Iterator[tuple[Address, _Tally]]:
    """Yield the largest by each measure that are not banned, each once."""
    addresses: dict[bytes, Address | None] = {}

    def free(packed: bytes) -> bool:
        if packed not in addresses:
            address = unpack(packed)
            addresses[packed] = None if as_network(address) in banned else address
        return addresses[packed] is not None

    chosen: dict[bytes, None] = {}
    for measure in (_CONCURRENT, _SILENT, _OPENED, _MUTE):
        sizes = {packed: tally[measure] for packed, tally in peers.items()}
        ranked = sorted(sizes, key=sizes.__getitem__, reverse=True)
        chosen |= dict.fromkeys(islice(filter(free, ranked), PEERS_MAX))
    for packed in chosen:
        address = addresses[packed]
        if address is not None:
            yield address, peers[packed]
