"""TCP sockets as /proc/net/tcp and tcp6 list them, for kernels without socket diagnostics.

LIMIT: /proc does not tell a listener's backlog, nor what a connection has received.
"""

import sys
from collections.abc import Iterator

from floodwall.core.address import parse_words, unpack
from floodwall.core.model import Endpoint
from floodwall.doctor.sample import Held, Requests, Socket, Sockets
from floodwall.doctor.tree import SOCKETS, Tree

_ESTABLISHED, _SYN_RECV, _LISTEN, _NEW_SYN_RECV = "01", "03", "0A", "0C"
_LEAST_COLUMNS = 10
_LOCAL, _REMOTE, _STATE, _QUEUES, _RETRANSMITTED, _INODE = 1, 2, 3, 4, 6, 9
_HEX = 16


class _Places:
    """Endpoints by their text: a flood repeats a few of them 50,000 times."""

    def __init__(self) -> None:
        self._known: dict[str, Endpoint] = {}

    def find(self, text: str) -> Endpoint:
        """Return the endpoint of a column."""
        found = self._known.get(text)
        if found is None:
            packed, port = _packed(text)
            found = self._known[text] = Endpoint(unpack(packed), port)
        return found


def read_sockets(tree: Tree) -> Sockets | None:
    """Return the sockets of both families; None if neither table could be read."""
    if not any(name in tree for name in SOCKETS):
        return None
    places = _Places()
    listening, held = [], []
    waiting: dict[Endpoint, tuple[int, int, set[bytes]]] = {}
    for columns in _rows(tree):
        state = columns[_STATE]
        local = places.find(columns[_LOCAL])
        if state == _LISTEN:
            queue = int(columns[_QUEUES].partition(":")[2], _HEX)
            listening.append(Socket(local, 0, None, queue, int(columns[_INODE])))
        elif state in (_SYN_RECV, _NEW_SYN_RECV):
            count, stale, sources = waiting.get(local, (0, 0, set()))
            sources.add(_packed(columns[_REMOTE])[0])
            stale += int(columns[_RETRANSMITTED], _HEX) > 0
            waiting[local] = count + 1, stale, sources
        elif state == _ESTABLISHED:
            remote = _packed(columns[_REMOTE])[0]
            held.append(Held(local, remote, (columns[_LOCAL], columns[_REMOTE]), None))
    return Sockets(
        tuple(listening),
        {
            place: Requests(count, stale, frozenset(sources))
            for place, (count, stale, sources) in waiting.items()
        },
        tuple(held),
    )


def _rows(tree: Tree) -> Iterator[list[str]]:
    for name in SOCKETS:
        for line in tree.get(name, "").splitlines():
            columns = line.split()
            if len(columns) >= _LEAST_COLUMNS and columns[0].endswith(":"):
                yield columns


def _packed(text: str) -> tuple[bytes, int]:
    """Return the 16 bytes and the port; the machine's byte order is ours."""
    host, _, port = text.partition(":")
    return parse_words(host, sys.byteorder), int(port, _HEX)
