"""Half-open connections of this network namespace, and which of their sources are proven."""

from collections.abc import Callable

from floodwall.core.address import unpack
from floodwall.core.model import Endpoint, HalfOpen
from floodwall.kernel import sockdiag


def read_half_open(is_proven: Callable[[bytes], bool]) -> tuple[HalfOpen, ...]:
    """Return every half-open entry; `is_proven` looks up a packed address in the data plane."""
    verdicts: dict[bytes, bool] = {}
    locals_: dict[tuple[bytes, int], Endpoint] = {}
    found = []
    for entry in sockdiag.half_open():
        if entry.remote not in verdicts:
            verdicts[entry.remote] = is_proven(entry.remote)
        place = (entry.local, entry.local_port)
        if place not in locals_:
            locals_[place] = Endpoint(unpack(entry.local), entry.local_port)
        found.append(
            HalfOpen(
                local=locals_[place],
                remote=Endpoint(entry.source, entry.remote_port),
                retransmits=entry.retransmits,
                proven=verdicts[entry.remote],
                handle=entry,
            )
        )
    return tuple(found)
