"""Closes what banned sources hold open."""

from floodwall.core.address import pack, unpack
from floodwall.core.commands import CloseConnections
from floodwall.core.networks import NetworkSet
from floodwall.kernel import sockdiag


def close_connections(command: CloseConnections) -> str:
    """Close every connection of the networks with the endpoints; return the sentence for it."""
    ours = {(pack(end.address), end.port) for end in command.endpoints}
    banned = NetworkSet(command.networks)
    known: dict[bytes, bool] = {}
    doomed = []
    for row in sockdiag.established():
        if (row.local, row.local_port) not in ours:
            continue
        if row.remote not in known:
            known[row.remote] = unpack(row.remote) in banned
        if known[row.remote]:
            doomed.append(row)
    closed = sockdiag.destroy(doomed)
    return f"closed {closed} connections of {len(command.networks)} banned sources"
