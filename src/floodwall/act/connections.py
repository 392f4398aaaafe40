"""Closes what banned sources hold open."""

from floodwall.core.address import pack, unpack
from floodwall.core.commands import CloseConnections
from floodwall.core.networks import NetworkSet
from floodwall.kernel import sockdiag


def close_connections(command: CloseConnections) -> str | None:
    """Close every connection of the networks with the endpoints; return a sentence if any was."""
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
    if not doomed:
        return None
    return f"closed {closed} of {len(doomed)} connections of {len(command.networks)} banned sources"
