"""What ss tells of listeners on another machine, and /proc/net does not: backlogs and processes."""

import re
from collections.abc import Mapping
from typing import NamedTuple

from floodwall.doctor.sample import Sockets
from floodwall.sense.processes import Owner

COMMAND = "ss -ltnpe"
_INODE = re.compile(r"\bino:(\d{1,20})\b")
_OWNER = re.compile(r'\(\("([^"]{1,64})",(?:pid=)?(\d{1,10})\b')
_DIGITS = 10  # of 32 bits


class Told(NamedTuple):
    """What one line says."""

    backlog: int
    """The smaller of listen(n) and somaxconn, as the kernel has it."""
    owner: Owner | None


def told_by_ss(text: str) -> dict[int, Told]:
    """Return what is said of each listener, by inode; old ones write `sshd",42` for pid=42."""
    found = {}
    for line in text.split("\n"):
        words = line.split()
        inode = _INODE.search(line)
        if len(words) < 5 or words[0] != "LISTEN" or inode is None:
            continue
        if not (words[2].isascii() and words[2].isdigit() and len(words[2]) <= _DIGITS):
            continue
        owner = _OWNER.search(line)
        found[int(inode[1])] = Told(
            int(words[2]), Owner(owner[1], int(owner[2])) if owner else None
        )
    return found


def improved(sockets: Sockets | None, told: Mapping[int, Told]) -> Sockets | None:
    """Return sockets with the backlogs that are known now."""
    if sockets is None:
        return None
    listening = (
        one._replace(backlog=told[one.inode].backlog) if one.inode in told else one
        for one in sockets.listening
    )
    return Sockets(tuple(listening), sockets.requests, sockets.held)
