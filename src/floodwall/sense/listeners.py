"""Listening sockets of this network namespace, with the processes that own them."""

import socket
from dataclasses import dataclass

from floodwall.core.model import Endpoint, Target
from floodwall.kernel import sockdiag
from floodwall.sense.processes import NOBODY, Owner, socket_owners


@dataclass(frozen=True, slots=True)
class Listening:
    """A listening socket and its owner."""

    bound: Endpoint
    socket: sockdiag.Listener
    owner: Owner


class ListenerSensor:
    """Reads listeners; looks for an owner only once for each socket."""

    def __init__(self) -> None:
        self._owners: dict[int, Owner] = {}
        self.present: tuple[Listening, ...] = ()
        """Every listener that the last `read` found."""

    def read(self) -> tuple[Target, ...]:
        """Return every listening TCP socket."""
        found = sockdiag.listeners()
        inodes = {each.inode for each in found}
        if unknown := inodes - self._owners.keys():
            self._owners |= dict.fromkeys(unknown, NOBODY) | socket_owners(unknown)
        self._owners = {inode: self._owners[inode] for inode in inodes}
        self.present = tuple(
            Listening(Endpoint(each.addr, each.port), each, self._owners[each.inode])
            for each in found
        )
        return tuple(_target(each) for each in self.present)


def _target(each: Listening) -> Target:
    listener = each.socket
    wildcard6 = listener.family == socket.AF_INET6 and listener.addr.is_unspecified
    return Target(
        bound=each.bound,
        backlog=listener.backlog,
        device=listener.ifindex,
        dual_stack=wildcard6 and not listener.v6only,
        mptcp=listener.mptcp,
        receive_buffer_bytes=listener.rcvbuf,
        process=each.owner.name,
    )
