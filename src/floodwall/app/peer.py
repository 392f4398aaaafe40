"""Who is on the other side of the control socket, by the word of the kernel."""

import os
import socket
import struct
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from floodwall.kernel import accounts

GROUP = "floodwall"
"""Members of this group may look, and change nothing."""

OPERATORS = "floodwall-operators"
"""Members of this group may do what root may, as the user of the console does."""

_CREDENTIALS = struct.Struct("=iII")  # struct ucred: pid, uid, gid
_SO_PEERGROUPS = 59  # asm-generic/socket.h, minimum kernel 4.13
_GROUPS_MAX = 1024


class Role(StrEnum):
    """What a peer may ask for."""

    NONE = "none"
    VIEW = "view"
    OPERATE = "operate"


@dataclass(frozen=True, slots=True)
class Peer:
    """A process that has connected, as it was at that moment."""

    pid: int
    uid: int
    groups: frozenset[int]
    role: Role
    name: str = ""
    behalf: str = ""
    """For whom it says that it asks, as the console does for whoever is logged in."""

    @property
    def who(self) -> str:
        """Return the peer as it is written into decisions."""
        name = f" ({self.name})" if self.name else ""
        process = f"uid {self.uid}{name}, pid {self.pid}"
        return f"{self.behalf}, by word of {process}" if self.behalf else process


def identify(connection: socket.socket, viewers: int | None, operators: int | None = None) -> Peer:
    """Ask the kernel who has connected; the numbers are those of the groups that may."""
    size = _CREDENTIALS.size
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    pid, uid, gid = _CREDENTIALS.unpack(raw)
    # SO_PEERCRED tells the first group alone.
    groups = frozenset({gid, *_supplementary(connection)})
    role = role_of(uid, groups, viewers, operators)
    return Peer(pid, uid, groups, role, _name(accounts.PASSWD, uid))


def role_of(
    uid: int, groups: frozenset[int], viewers: int | None, operators: int | None = None
) -> Role:
    """Root, the daemon's own user and operators operate, viewers look, nobody else may."""
    if uid in {0, os.geteuid()} or (operators is not None and operators in groups):
        return Role.OPERATE
    return Role.VIEW if viewers is not None and viewers in groups else Role.NONE


def viewers_group(path: Path = accounts.GROUP) -> int | None:
    """Return the number of the group of viewers, if this machine has one."""
    return _number(path, GROUP)


def operators_group(path: Path = accounts.GROUP) -> int | None:
    """Return the number of the group of operators, if this machine has one."""
    return _number(path, OPERATORS)


def _number(path: Path, wanted: str) -> int | None:
    # Not grp.getgrnam(): a directory service may be unreachable while we are being flooded.
    return next((number for name, number in _entries(path) if name == wanted), None)


def _supplementary(connection: socket.socket) -> tuple[int, ...]:
    try:
        raw = connection.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, 4 * _GROUPS_MAX)
    except OSError:
        return ()
    return struct.unpack(f"={len(raw) // 4}I", raw)


def _name(path: Path, uid: int) -> str:
    return next((name for name, number in _entries(path) if number == uid), "")


def _entries(path: Path) -> list[tuple[str, int]]:
    return [(fields[0], int(fields[2])) for fields in accounts.read_accounts(path)]
