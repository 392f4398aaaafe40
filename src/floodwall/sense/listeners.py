"""Listening sockets of this network namespace, with the processes that own them."""

import socket

from floodwall.core.model import Endpoint, Target
from floodwall.kernel import sockdiag
from floodwall.sense.processes import socket_owners


class ListenerSensor:
    """Reads listeners; looks for an owner only once for each socket."""

    def __init__(self) -> None:
        self._owners: dict[int, str] = {}

    def read(self) -> tuple[Target, ...]:
        """Return every listening TCP socket."""
        found = sockdiag.listeners()
        inodes = {each.inode for each in found}
        if unknown := inodes - self._owners.keys():
            self._owners |= dict.fromkeys(unknown, "") | socket_owners(unknown)
        self._owners = {inode: self._owners[inode] for inode in inodes}
        return tuple(_target(each, self._owners[each.inode]) for each in found)


def _target(listener: sockdiag.Listener, process: str) -> Target:
    wildcard6 = listener.family == socket.AF_INET6 and listener.addr.is_unspecified
    return Target(
        bound=Endpoint(listener.addr, listener.port),
        backlog=listener.backlog,
        device=listener.ifindex,
        dual_stack=wildcard6 and not listener.v6only,
        mptcp=listener.mptcp,
        receive_buffer_bytes=listener.rcvbuf,
        process=process,
    )
